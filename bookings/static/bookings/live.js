// Keeps an open page up to date: asks every two seconds what has changed, and fetches the page's own parts anew.
// Nothing is fetched over what somebody types, selects or has opened: then a notice says so, with a button.
(() => {
    const PERIOD = 2000;
    const HIDDEN = 15000;
    const SLOWEST = 30000;
    // Times such as "in 9 h" grow old by themselves.
    const CLOCK = 60000;
    const KNOWN = "desk-live-announced";

    const begin = () => {
        const root = document.getElementById("desk-live");
        if (!root || window.deskLive) return;
        window.deskLive = true;
        const words = root.dataset;
        const parts = () => [...document.querySelectorAll("[data-live-part], #header-inner ul")];
        const booking = document.querySelector("[data-live-booking]")?.dataset.liveBooking;
        // What could be seen when the page was drawn; the last seconds are told again, as a row may be committed late.
        const heard = new Set(words.heard.split(",").filter(Boolean).map(Number));
        const changed = new Set();
        const served = new Map();
        const title = document.title;
        let since = Number(words.at);
        let etag = "";
        let badges = "";
        let failures = 0;
        let timer = 0;
        let asking = false;
        let leaving = false;
        let renewed = Date.now();

        const isVisible = (element) => Boolean(element) && element.getClientRects().length > 0;
        const typed = (form) => {
            const said = new FormData(form);
            said.delete("csrfmiddlewaretoken");
            return JSON.stringify([...said].map(([name, value]) => [name, String(value)]));
        };
        const forms = [...document.querySelectorAll("#content-main form[id$='_form']")];
        const before = new Map(forms.map((form) => [form, typed(form)]));
        const isTyping = () => forms.some((form) => typed(form) !== before.get(form));
        const isChoosing = () => {
            const list = document.querySelector('[data-live-part="guarded"]');
            if (!list) return false;
            const field = document.activeElement;
            const selection = window.getSelection();
            return (
                list.querySelector("tbody input:checked, .action-select:checked") !== null ||
                (list.contains(field) && field.matches("input:not([type=checkbox]), select, textarea")) ||
                (!selection.isCollapsed && list.contains(selection.anchorNode))
            );
        };
        // What was pressed is under way: the answer needs the very link that asked, or nothing opens.
        const isAsking = () => document.querySelector(".htmx-request") !== null;
        const isBusy = () => leaving || isAsking() || isVisible(document.getElementById("modal-content")) || isTyping() || isChoosing();

        const announce = (text) => {
            document.getElementById("desk-live-says").textContent = text;
        };
        const note = (text, button, act) => {
            const old = document.getElementById("desk-live-note");
            if (old?.dataset.text === text) return;
            const box = document.createElement("div");
            box.id = "desk-live-note";
            box.className = "desk-note desk-wait desk-live-note";
            box.dataset.text = text;
            box.append(Object.assign(document.createElement("span"), { textContent: text }));
            const press = Object.assign(document.createElement("button"), { type: "button", textContent: button });
            press.className = "desk-button";
            press.addEventListener("click", act);
            box.append(press);
            if (old) old.replaceWith(box);
            else document.getElementById("content").prepend(box);
            announce(text);
        };
        const clear = () => {
            document.getElementById("desk-live-note")?.remove();
            changed.clear();
        };
        const reload = () => window.location.reload();

        // What is swapped loses focus, places to which it was scrolled, and what was unfolded; they are given back.
        const same = (element) => {
            for (const name of ["id", "name", "href"]) {
                const value = element.getAttribute(name);
                if (value) return `${element.tagName}[${name}="${CSS.escape(value)}"]`;
            }
            return null;
        };
        // The boxes of a list are tied to "select all" and the bar of actions when the page is loaded: new ones, again.
        const tie = (part) => {
            const boxes = part.querySelectorAll("tr input.action-select");
            if (boxes.length) window.Actions?.(boxes, { parent: part.closest(".result-list-wrapper") });
        };
        const swap = (part, fresh) => {
            const focused = part.contains(document.activeElement) ? same(document.activeElement) : null;
            const open = [...part.querySelectorAll("details")].map((each) => each.open);
            const places = [...part.querySelectorAll(".desk-scroll, .desk-cal-frame")].map((each) => [each.scrollLeft, each.scrollTop]);
            part.replaceChildren(...document.importNode(fresh, true).childNodes);
            [...part.querySelectorAll("details")].forEach((each, number) => { each.open = open[number] ?? each.open; });
            [...part.querySelectorAll(".desk-scroll, .desk-cal-frame")].forEach((each, number) => each.scrollTo(...(places[number] ?? [0, 0])));
            window.htmx?.process(part);
            tie(part);
            if (focused) part.querySelector(focused)?.focus({ preventScroll: true });
        };
        const plain = (element) => element.innerHTML.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
        const controls = (page) => [...page.querySelectorAll("#content-main form[id$='_form'] [name]")].map((each) => each.name).join();

        // The same part of a page that was fetched; none where that page does not show it.
        const twin = (page, part) => page.querySelector(part.id ? `#${part.id}[data-live-part]` : "#header-inner ul");
        // The tabs that are not open are not fetched: what was read of them is old, and read again when they are chosen.
        const forget = (part) => part.closest("[data-panel]")?.hidden && delete part.dataset.read;

        const postpone = (events) => {
            if (booking) {
                const last = events.find((event) => event.booking === booking);
                const what = last ? `${words.changed} ${last.says}, ${words.by} ${last.by}.` : words.changed;
                note(what, words.reload, reload);
                return;
            }
            const text = changed.size === 1 ? words.one : words.many.replace("{n}", changed.size);
            note(text, words.show, () => { clear(); renew([], true); });
        };
        const renew = async (events, wanted = false) => {
            if (!document.querySelector("[data-live-part]")) return;
            if (isBusy() && !wanted) {
                if (events.length && !leaving) postpone(events);
                return;
            }
            const answer = await fetch(window.location.href, {
                headers: { "X-Innkeep-Part": "1" }, cache: "no-store", credentials: "same-origin",
            });
            if (!answer.ok || answer.redirected) {
                if (booking) note(words.gone, words.reload, reload);
                return;
            }
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            if (isBusy() && !wanted) {
                if (events.length && !leaving) postpone(events);
                return;
            }
            renewed = Date.now();
            const own = parts().map((part) => [part, twin(page, part)]).filter(([part, now]) => now || !forget(part));
            if (own.some(([, now]) => !now) || controls(page) !== controls(document)) {
                postpone(events);
                return;
            }
            for (const [part, now] of own) {
                const html = plain(now);
                if (served.get(part) !== html) swap(part, now);
                served.set(part, html);
            }
            clear();
        };

        const count = (numbers) => {
            for (const place of document.querySelectorAll("[data-badge]")) {
                const value = numbers[place.dataset.badge] ?? 0;
                const shown = place.querySelector(".sidebar-badge");
                if (shown) shown.textContent = value || "";
                place.hidden = !value;
            }
            document.title = numbers.approvals ? `(${numbers.approvals}) ${title}` : title;
        };
        // Each request for approval is said once, on whichever page it is heard first.
        const tell = (events) => {
            const last = Number(sessionStorage.getItem(KNOWN) ?? 0);
            const asked = events.filter((event) => event.status === "PENDING_APPROVAL" && !event.mine && event.id > last);
            if (events.length) sessionStorage.setItem(KNOWN, Math.max(last, ...events.map((event) => event.id)));
            if (asked.length) announce(`${words.new} ${[...new Set(asked.map((event) => event.booking))].join(", ")}`);
        };
        const take = async ({ events, badges: numbers }) => {
            const fresh = events.filter((event) => !heard.has(event.id));
            for (const event of fresh) {
                heard.add(event.id);
                since = Math.max(since, event.at);
            }
            count(numbers);
            const counted = JSON.stringify(numbers);
            const isOther = badges !== "" && badges !== counted && !booking;
            badges = counted;
            tell(events);
            const own = booking ? fresh.filter((event) => event.booking === booking) : fresh;
            own.forEach((event) => changed.add(event.booking));
            const isOld = document.querySelector('[data-live-part="clock"]') && Date.now() - renewed > CLOCK;
            if (own.length || isOther || isOld) await renew(own);
        };

        const stop = () => {
            leaving = true;
            const back = encodeURIComponent(window.location.pathname + window.location.search);
            note(words.signedOut, words.signInWords, () => window.location.assign(`${words.signIn}?next=${back}`));
        };
        const ask = async () => {
            if (leaving || asking) return;
            asking = true;
            try {
                const answer = await fetch(`${words.url}?since=${since}`, {
                    headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store", credentials: "same-origin",
                });
                if (answer.status === 403) {
                    stop();
                    return;
                }
                if (answer.status !== 304) {
                    if (!answer.ok) throw new Error(String(answer.status));
                    etag = answer.headers.get("ETag") ?? "";
                    await take(await answer.json());
                } else if (document.querySelector('[data-live-part="clock"]') && Date.now() - renewed > CLOCK) {
                    await renew([]);
                }
                failures = 0;
            } catch {
                failures += 1;
            } finally {
                asking = false;
                plan();
            }
        };
        const plan = () => {
            window.clearTimeout(timer);
            if (leaving) return;
            const pause = failures ? Math.min(SLOWEST, PERIOD * 2 ** failures) : document.hidden ? HIDDEN : PERIOD;
            timer = window.setTimeout(ask, pause);
        };

        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) ask();
        });
        // Once the person goes elsewhere nothing is fetched for this page; coming back by the browser's button, again.
        window.addEventListener("pagehide", () => { leaving = true; });
        window.addEventListener("pageshow", (event) => {
            if (!event.persisted) return;
            leaving = false;
            ask();
        });
        window.setTimeout(ask, 300);
    };
    document.addEventListener("DOMContentLoaded", begin);
})();
