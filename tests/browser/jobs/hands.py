"""Two ways of working: with a mouse, and with nothing but keys. Both count what they do.

A step is what somebody decides to do: a click, a press of Tab, Enter, Space or an arrow, or typing one field. A
choice from a closed list is two clicks, or the typing of its first letters.
"""

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

FARTHEST = 150
# Whether a link past the sidebar has the focus, and no other such link leads nearer to the target.
CAN_SKIP = """target => document.activeElement === [...document.querySelectorAll('.desk-skip')].findLast(
    link => document.querySelector(link.hash).contains(target))"""


@dataclass
class Hand(ABC):
    """Somebody at the desk, and how often they have done something."""

    page: Page
    steps: int = 0
    began: float = field(default_factory=time.monotonic)

    name = ""

    @property
    def seconds(self) -> float:
        """How long the job has taken so far."""
        return time.monotonic() - self.began

    @abstractmethod
    def press(self, target: Locator) -> None:
        """Press a link or button, or choose a radio button."""

    @abstractmethod
    def write(self, target: Locator, text: str) -> None:
        """Replace what is in a field."""

    @abstractmethod
    def choose(self, target: Locator, option: str) -> None:
        """Choose from a closed list by the beginning of an option."""

    @abstractmethod
    def tick(self, target: Locator) -> None:
        """Tick a box."""

    def enter(self) -> None:
        """Press Enter where the cursor is."""
        self.key("Enter")

    def key(self, name: str) -> None:
        """Press one key."""
        self.page.keyboard.press(name)
        self.steps += 1


class Mouse(Hand):
    """Points and clicks; types only words."""

    name = "mouse"

    def press(self, target: Locator) -> None:
        """Click what can be seen and is not covered."""
        target.click()
        self.steps += 1

    def write(self, target: Locator, text: str) -> None:
        """Click into the field, and type over what is there."""
        self.press(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.steps += 1

    def tick(self, target: Locator) -> None:
        """Click the box."""
        self.press(target)

    def choose(self, target: Locator, option: str) -> None:
        """Click the list, and the option in it, which is drawn by the system."""
        target.wait_for()
        label = next(each for each in target.locator("option").all_inner_texts() if each.startswith(option))
        target.select_option(label=label)
        self.steps += 2


class Keys(Hand):
    """Has no mouse: Tab until it is there, then Enter, Space or letters."""

    name = "keys"

    def reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus; give up where it cannot be reached."""
        target.wait_for()
        for _ in range(FARTHEST):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.key("Enter" if target.evaluate(CAN_SKIP) else "Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")

    def press(self, target: Locator) -> None:
        """Go there and press Enter; Space for a radio button."""
        self.reach(target)
        self.key("Space" if target.get_attribute("type") == "radio" else "Enter")

    def write(self, target: Locator, text: str) -> None:
        """Go there, and type over what is there."""
        self.reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.steps += 1

    def tick(self, target: Locator) -> None:
        """Go there and press Space."""
        self.reach(target)
        self.key("Space")

    def choose(self, target: Locator, option: str) -> None:
        """Go there, and type how the option begins."""
        self.reach(target)
        self.page.keyboard.type(option)
        self.steps += 1
        chosen = target.evaluate("select => select.selectedOptions[0].text")
        assert chosen.startswith(option), f"{chosen} was chosen instead of {option}"


WAYS: tuple[type[Hand], ...] = (Mouse, Keys)
