// Choosing rows of a list by keys. They work only while a row's box, or the one for all rows, has the focus, so nothing
// is taken from somebody who types or from a screen reader's own keys. "?" shows which there are.
(() => {
    const BOX = "#changelist-form input.action-select";
    const ALL = "action-toggle";
    const DOWN = { ArrowDown: 1, ArrowUp: -1 };
    const boxes = () => [...document.querySelectorAll(BOX)];
    const words = () => document.getElementById("desk-list-words").dataset;
    const say = (text) => {
        document.getElementById("desk-live-says").textContent = text;
    };

    const told = () => {
        const chosen = boxes().filter((box) => box.checked).length;
        say(chosen ? words().chosen.replace("{n}", chosen) : words().none);
        return chosen;
    };
    const choose = (box) => {
        if (!box.checked) box.click();
    };
    const move = (from, step, isChoosing) => {
        const rows = [document.getElementById(ALL), ...boxes()];
        const to = rows[rows.indexOf(from) + step];
        if (!to) return;
        to.focus();
        if (isChoosing && from.id !== ALL && to.id !== ALL) [from, to].forEach(choose);
    };
    const goOn = () => {
        if (told()) document.querySelector("#changelist-actions select[name=action]")?.focus();
    };

    document.addEventListener("keydown", (event) => {
        const box = event.target;
        if (!box.matches?.(`${BOX}, #${ALL}`) || event.altKey) return;
        const withControl = event.ctrlKey || event.metaKey;
        if (event.key in DOWN && !withControl) move(box, DOWN[event.key], event.shiftKey);
        else if (event.key === "Enter" && !withControl) goOn();
        else if (event.key.toLowerCase() === "a" && withControl) boxes().forEach(choose);
        else return;
        event.preventDefault();
    });
    // After the list's own script has changed what else a press has chosen.
    document.addEventListener("change", (event) => {
        if (event.target.matches(`${BOX}, #${ALL}`)) setTimeout(told);
    });
})();
