"""The cards of a kitchen screen, from the tickets that the server lists."""

from __future__ import annotations

from typing import Any

from till.domain.kitchen.board import BoardLine, BoardTicket, TicketCard, cards_of, pieces_to_make
from till.domain.structs import replace


def ticket(event: str, *lines: BoardLine, kind: str = "new", **facts: Any) -> BoardTicket:
    fields = {
        "session": "a",
        "at": "Grill",
        "station": "Grill",
        "ticket": f"1-{event}",
        "sent_at": f"0{event}",
        **facts,
    }
    return BoardTicket(event=event, kind=kind, lines=lines, **fields)


def dish(pieces: int, line: str = "x", **facts: Any) -> BoardLine:
    return BoardLine(line, pieces, "idly", "Idly", **facts)


def cards(*tickets: BoardTicket, done: tuple[BoardTicket, ...] = ()) -> list[TicketCard]:
    return cards_of(tickets, {one.ref for one in done}, {"Pass"}, lambda _item: "")


def shown(card: TicketCard) -> list[tuple[int, str]]:
    """Return the pieces of each line of a card, with the time of their void."""
    return [(line.pieces, line.voided_at) for line in card.lines]


def test_a_void_stands_once_on_the_card_of_its_pieces() -> None:
    new, void = ticket("1", dish(3)), ticket("3", dish(-1), kind="void", of="1-1")
    [card, later] = cards(new, ticket("2", dish(1, "y")), void)
    assert (shown(card), shown(later)) == ([(2, ""), (1, "03")], [(1, "")])
    assert [one.event for one in card.tickets] == ["1", "3"], "done together"
    assert pieces_to_make([card, later]) == [("Idly", 3)]


def test_a_dish_that_is_void_as_a_whole_stands_once_and_its_card_is_a_void() -> None:
    new, void = ticket("1", dish(2)), ticket("2", dish(-2), kind="void", of="1-1")
    [card] = cards(new, void)
    assert (shown(card), card.kind) == ([(2, "02")], "void")
    assert pieces_to_make([card]) == []
    [card] = cards(new, replace(void, done=True))
    assert shown(card) == [(2, "02")], "seen before"


def test_a_void_of_pieces_that_are_cooked_is_a_card_of_its_own() -> None:
    void = ticket("2", dish(-2), kind="void", of="1-1")
    [card] = cards(void)
    assert (shown(card), card.kind) == ([(2, "02")], "void")
    [card, rest] = cards(ticket("1", dish(1)), void)
    assert (shown(card), shown(rest)) == ([(1, "02")], [(1, "02")]), "one piece is on no ticket here"


def test_a_pass_has_an_order_with_its_voids_on_one_card() -> None:
    at_pass = {"at": "Pass"}
    new, void = ticket("1", dish(3), **at_pass), ticket("2", dish(-1), kind="void", **at_pass)
    bar = ticket("3", dish(1, "z"), station="Bar", **at_pass)
    [card] = cards(new, void, bar)
    assert shown(card) == [(2, ""), (1, "02"), (1, "")]


def test_tickets_go_by_arrival_and_ages_by_their_own_time() -> None:
    early, late = ticket("1", dish(1), sent_at="01", arrived_at="09"), ticket("2", dish(1, "y"), arrived_at="05")
    assert [card.first.event for card in cards(early, late)] == ["2", "1"]
    assert [card.first.event for card in cards(replace(early, arrived_at=""), late)] == ["1", "2"], "an older server"


def test_pieces_that_moved_here_are_named_and_not_made_again() -> None:
    [card] = cards(ticket("1", dish(0, came=2), kind="moved", of="1-9"))
    assert [(line.pieces, line.moved) for line in card.lines] == [(2, True)]
    assert pieces_to_make([card]) == []


def test_dish_of_another_type_than_its_order_shows_it() -> None:
    lines = dish(1, order_type="take_away", choices=("hot",)), dish(1, "y", order_type="dine_in"), dish(1, "z")
    [card] = cards(ticket("1", *lines, order_type="dine_in"))
    assert [line.order_type for line in card.lines] == ["take_away", "", ""]
