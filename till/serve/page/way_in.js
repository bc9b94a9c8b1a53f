// Takes the token of a link, from behind the # of the address or from a field, and gets a cookie for it.

const WORDS = JSON.parse(document.body.dataset.words); // by their English
const inWords = (sentence) => WORDS[sentence] || sentence;

async function comeIn(text) {
  const token = (text.trim().match(/[1-9]\d{0,2}-[\w-]{43}$/) || [""])[0];
  let words = inWords("This is not a link to a till. Copy it whole.");
  if (token) {
    try {
      const answer = await fetch("/way-in", { method: "POST", body: token });
      if (answer.ok) {
        location.replace("/");
        return;
      }
      words = await answer.text();
    } catch {
      words = inWords("The server does not answer. Is this phone in the venue's network?");
    }
  }
  document.getElementById("words").textContent = words;
  const notice = document.getElementById("notice");
  if (notice) notice.hidden = false;
}

function comeInByAddress() {
  if (location.hash.length < 2) return;
  const text = location.hash;
  history.replaceState(null, "", "/"); // no history keeps the token
  comeIn(text);
}

comeInByAddress();
addEventListener("hashchange", comeInByAddress);
document.getElementById("link-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  comeIn(document.getElementById("link").value);
});
