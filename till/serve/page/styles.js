"use strict";
// The terminal writes its styles as elements and attributes, which the content policy refuses to everybody else: its
// elements get this load's nonce, and its attributes go the way that scripts may.
{
  const { nonce } = document.currentScript;
  const { createElement } = Document.prototype;
  Document.prototype.createElement = function (name, ...options) {
    const made = createElement.call(this, name, ...options);
    if (name === "style") made.nonce = nonce;
    return made;
  };
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}
