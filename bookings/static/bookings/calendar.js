// One Tab for each room's row; the arrows move between its nights and between the rooms. Without JavaScript every link
// is reached by Tab.
document.addEventListener("DOMContentLoaded", () => {
    const table = document.querySelector(".desk-cal");
    if (!table) return;
    const linksOf = (row) => [...row.querySelectorAll("td a")];
    const rows = () => [...table.querySelectorAll("tbody tr")].filter((row) => linksOf(row).length);
    const only = (row, chosen) => {
        for (const link of linksOf(row)) link.tabIndex = link === chosen ? 0 : -1;
    };
    const nearest = (row, left) => {
        const away = (link) => Math.abs(link.getBoundingClientRect().left - left);
        return linksOf(row).reduce((best, link) => (away(link) < away(best) ? link : best));
    };
    const next = (link, key) => {
        const row = link.closest("tr");
        const links = linksOf(row);
        const at = links.indexOf(link);
        const all = rows();
        const other = all[all.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
        switch (key) {
            case "ArrowRight": return links[at + 1];
            case "ArrowLeft": return links[at - 1];
            case "Home": return links[0];
            case "End": return links[links.length - 1];
            case "ArrowUp":
            case "ArrowDown": return other && nearest(other, link.getBoundingClientRect().left);
            default: return undefined;
        }
    };
    // Tab leads to who stays, the arrows from there to the free nights.
    for (const row of rows()) only(row, row.querySelector("td a.desk-cal-stay") || linksOf(row)[0]);
    table.addEventListener("keydown", (event) => {
        const link = event.target.closest("td a");
        const found = link && !event.altKey && !event.ctrlKey && !event.metaKey && next(link, event.key);
        if (!found) return;
        event.preventDefault();
        only(found.closest("tr"), found);
        found.focus();
    });
});
