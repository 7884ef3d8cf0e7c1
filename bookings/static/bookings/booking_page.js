// The tabs of a booking's page. Without this script they are links that open the page at another tab.
(() => {
    const prepare = (list) => {
        const tabs = [...list.querySelectorAll("[data-tab]")];
        const panel = (tab) => document.getElementById(`panel-${tab.dataset.tab}`);
        const chosen = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

        // What a tab shows is read when it is chosen for the first time; what was typed meanwhile stays.
        const read = (tab) => {
            const more = panel(tab).querySelector("[data-more]");
            if (!more || "read" in more.dataset) return;
            more.dataset.read = "";
            more.setAttribute("aria-busy", "true");
            htmx.ajax("GET", more.dataset.more, { target: more, select: `#${more.id}`, swap: "outerHTML" })
                .catch(() => window.location.assign(tab.href));
        };
        const choose = (tab) => {
            for (const each of tabs) {
                const isOn = each === tab;
                each.setAttribute("aria-selected", String(isOn));
                each.tabIndex = isOn ? 0 : -1;
                panel(each).hidden = !isOn;
            }
            read(tab);
        };
        const named = () => new URLSearchParams(window.location.search).get("tab");
        const go = (tab) => {
            if (tab === chosen()) return;
            choose(tab);
            history.pushState(null, "", tab.href);
        };

        list.setAttribute("role", "tablist");
        for (const tab of tabs) {
            tab.setAttribute("role", "tab");
            tab.setAttribute("aria-controls", panel(tab).id);
            panel(tab).setAttribute("role", "tabpanel");
            tab.addEventListener("click", (event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                go(tab);
            });
            tab.addEventListener("keydown", (event) => {
                const at = tabs.indexOf(tab);
                const next = {
                    ArrowRight: tabs[(at + 1) % tabs.length],
                    ArrowLeft: tabs[(at + tabs.length - 1) % tabs.length],
                    Home: tabs[0],
                    End: tabs.at(-1),
                    " ": tab,
                }[event.key];
                if (!next) return;
                event.preventDefault();
                next.focus();
                next.scrollIntoView({ block: "nearest", inline: "nearest" });
                go(next);
            });
        }
        const first = tabs.find((tab) => tab.hasAttribute("aria-current")) || tabs[0];
        for (const tab of tabs) tab.removeAttribute("aria-current");
        choose(first);
        window.addEventListener("popstate", () => choose(tabs.find((tab) => tab.dataset.tab === named()) || tabs[0]));
    };

    // The reason of a button that is not possible goes away with Escape, as every tooltip does.
    const silence = (event) => {
        const off = event.target.closest?.(".desk-off");
        if (!off) return;
        if (event.type === "keydown" && event.key === "Escape") off.classList.add("desk-quiet-now");
        if (event.type === "focusout") off.classList.remove("desk-quiet-now");
    };
    document.addEventListener("keydown", silence);
    document.addEventListener("focusout", silence);
    document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-tabs]").forEach(prepare));
})();
