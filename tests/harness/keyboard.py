"""Somebody who has no mouse: Tab, Enter and letters, and a focus that has to be seen."""

from typing import Any, Final

from tests.harness.chromium import Window

_MOST_STOPS: Final = 80
_FOCUSED: Final = """() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return {
        tag: one.tagName,
        name: (one.labels?.length ? one.labels[0].innerText : one.innerText).trim(),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        shown: box.right > 0 && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth,
        top: Math.round(box.top + scrollY),
    };
}"""


class Keyboard:
    """The keys before a window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._keys = window.page.keyboard

    def focused(self) -> dict[str, Any]:
        """Return what has the focus; empty of a page where nothing has."""
        found: dict[str, Any] = self.window.page.evaluate(_FOCUSED)
        return {} if found["tag"] == "BODY" else found

    def tab(self) -> dict[str, Any]:
        """Go on to what comes next, which has to be seen to have the focus."""
        self._keys.press("Tab")
        found = self.focused()
        assert not found or (found["outlined"] and found["shown"]), found
        return found

    def tab_to(self, name: str) -> None:
        """Go on until what is called so has the focus."""
        passed = []
        for _ in range(_MOST_STOPS):
            found = self.tab()
            if found.get("name") == name:
                return
            passed.append(found.get("name"))
        raise AssertionError((name, passed))

    def stops(self) -> list[dict[str, Any]]:
        """Go once through all of the page that takes the focus, and return it in that order."""
        found = [self.tab()]
        while len(found) < _MOST_STOPS and (stop := self.tab()):
            if (stop["name"], stop["top"]) != (found[-1]["name"], found[-1]["top"]):
                found.append(stop)  # a date has several stops of its own
        return found

    def type(self, name: str, text: str) -> None:
        """Go on to a field, and type."""
        self.tab_to(name)
        self._keys.type(text)

    def press(self, name: str, *, status: int = 200) -> None:
        """Go on to a link or button, and press Enter, which leads to another page."""
        self.tab_to(name)
        self.window.turn(lambda: self._keys.press("Enter"), status=status)

    def jump(self, name: str) -> None:
        """Go on to a link that leads to another part of the page, and press Enter."""
        self.tab_to(name)
        self._keys.press("Enter")

    def skip(self) -> None:
        """Take the first stop of a page, which leads past its head."""
        assert self.tab()["name"] == "Skip to content"
        self._keys.press("Enter")
        assert self.focused()["tag"] == "MAIN"
