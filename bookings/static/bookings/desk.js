// Keeps the text of a dialog's button true to what is typed. Without JavaScript the button shows what was proposed.
document.addEventListener("alpine:init", () => {
    const language = document.documentElement.lang || "en";
    const signs = language === "en" ? { PKR: "Rs. " } : {};
    // Nobody writes the paisa of a whole amount.
    const whole = ["PKR"];
    // As the server writes it: no more decimals than people use, but never so few that a part is hidden.
    const shown = (amount, currency, digits) => {
        const style = { style: "currency", currency };
        const usual = whole.includes(currency) ? 0 : new Intl.NumberFormat(language, style).resolvedOptions().maximumFractionDigits;
        const rest = (amount.toFixed(digits).split(".")[1] || "").slice(usual);
        const places = /[1-9]/.test(rest) ? digits : usual;
        const exact = { minimumFractionDigits: places, maximumFractionDigits: places };
        if (currency in signs) return signs[currency] + new Intl.NumberFormat(language, exact).format(amount);
        return new Intl.NumberFormat(language, { ...style, ...exact }).format(amount);
    };
    // The sentences come from the server, in the person's language.
    const said = (sentence, amount) => sentence.replace("%(amount)s", () => amount);
    const decimal = new Intl.NumberFormat(language).format(0.5).includes(",") ? "," : ".";
    const group = decimal === "," ? "." : ",";
    // Null for what the server will refuse (bookings/admin/amounts.py), so that the button never names another amount.
    const typed = (text, digits) => {
        const [units, decimals, ...more] = text.trim().split(decimal);
        const groups = units.split(group);
        const isWhole = /^\d{1,12}$/.test(units) || (/^[1-9]\d{0,2}([.,]\d{3}){1,3}$/.test(units));
        const isTwofold = groups.length === 2 && decimals === undefined;
        const isExact = decimals === undefined || (/^\d{1,3}$/.test(decimals) && decimals.length <= digits);
        return isWhole && isExact && !isTwofold && !more.length ? Number(`${groups.join("")}.${decimals ?? 0}`) : null;
    };

    Alpine.data("deskRefund", () => ({
        currency: "",
        digits: 2,
        left: 0,
        amount: "",
        alone: null,
        says: {},
        init() {
            Object.assign(this, JSON.parse(this.$el.dataset.live));
        },
        words(proposed) {
            const amount = typed(String(this.amount), this.digits);
            if (!amount || amount > this.left) return this.says.none;
            const asks = this.alone !== null && amount > this.alone;
            return said(asks ? this.says.ask : this.says.do, shown(amount, this.currency, this.digits));
        },
    }));

    Alpine.data("deskCancel", () => ({
        currency: "",
        digits: 2,
        available: 0,
        policy: 0,
        fee: "policy",
        custom: "",
        alone: null,
        says: {},
        init() {
            Object.assign(this, JSON.parse(this.$el.dataset.live));
        },
        words(proposed) {
            const custom = typed(String(this.custom), this.digits);
            const fee = { policy: this.policy, waive: 0, full: this.available, custom }[this.fee];
            if (!this.available) return proposed;
            if (fee === null || fee > this.available) return this.says.none;
            const back = this.available - fee;
            const asks = this.alone !== null && fee < this.policy && back > this.alone;
            return said(asks ? this.says.ask : this.says.do, shown(back, this.currency, this.digits));
        },
    }));
});

// Unfold closes the sidebar up to and including 1280 px, while its styles make room for it from 1280 px on.
document.addEventListener("alpine:init", () => {
    const isWide = () => window.matchMedia("(min-width: 80rem)").matches;
    const isWanted = () => isWide() && localStorage.getItem("sidebarOpen") !== "0";
    const stock = window.theme;

    window.theme = (...given) => {
        const data = stock(...given);
        data.sidebarOpen = isWanted();
        data.sidebarToggle = function () {
            this.sidebarOpen = !this.sidebarOpen;
            if (isWide()) localStorage.setItem("sidebarOpen", this.sidebarOpen ? "1" : "0");
        };
        data.themeBindings["x-resize.window"] = function () {
            this.sidebarOpen = isWanted();
        };
        return data;
    };
});

// Unfold's shortcuts are single letters. In a list of choices a letter chooses, and "c" must not leave the page.
document.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLSelectElement && event.key.length === 1) event.stopPropagation();
});

// Unfold's icons are words in a font of pictures. Screen readers would read "check_circle Approve".
(() => {
    const silence = () => {
        // Django names the buttons of dates and times by their pictures' titles, which what the styles draw hides.
        for (const icon of document.querySelectorAll(".date-icon[title]:not([role]), .clock-icon[title]:not([role])")) {
            icon.setAttribute("role", "img");
            icon.setAttribute("aria-label", icon.title);
        }
        // Unfold's switch of light and dark is links without an address, which no key reaches and nothing may name.
        for (const link of document.querySelectorAll("a[x-on\\:click]:not([href]):not([role])")) {
            link.setAttribute("role", "button");
            link.setAttribute("tabindex", "0");
        }
        for (const icon of document.querySelectorAll(".material-symbols-outlined:not([aria-hidden])")) {
            const picture = icon.textContent.trim();
            if (!picture) continue; // the parser has not come to its name yet
            icon.setAttribute("aria-hidden", "true");
            const button = icon.closest("a, button");
            if (!button || button.hasAttribute("aria-label")) continue;
            const words = button.cloneNode(true);
            for (const each of words.querySelectorAll(".material-symbols-outlined")) each.remove();
            if (words.textContent.trim()) continue;
            const name = document.getElementById("desk-pictures")?.getAttribute(`data-${picture}`);
            button.setAttribute("aria-label", button.title || name || picture.replaceAll("_", " "));
        }
    };
    document.addEventListener("DOMContentLoaded", () => {
        document.getElementById("main")?.setAttribute("role", "main");
    });
    // Dialogs, menus and calendars come later than the page.
    new MutationObserver(silence).observe(document.documentElement, { childList: true, subtree: true });
})();

// What Unfold made for the mouse alone, the person's own menu above all: no key would lead to the way out.
(() => {
    const MENU = "[x-on\\:click*='openUserLinks = ']";
    document.addEventListener("DOMContentLoaded", () => {
        const menu = document.querySelector(MENU);
        const links = menu?.previousElementSibling;
        if (!links) return;
        const told = () => menu.setAttribute("aria-expanded", String(links.style.display !== "none"));
        menu.setAttribute("role", "button");
        menu.setAttribute("tabindex", "0");
        told();
        new MutationObserver(told).observe(links, { attributes: true, attributeFilter: ["style"] });
        links.parentElement.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
            menu.focus();
            menu.click();
        });
    });
    document.addEventListener("keydown", (event) => {
        if (!["Enter", " "].includes(event.key)) return;
        if (!event.target.matches?.(`a[role=button]:not([href]), ${MENU}`)) return;
        event.preventDefault();
        event.target.click();
        // It stands before what opens it.
        if (!event.target.matches(MENU) || event.target.getAttribute("aria-expanded") === "true") return;
        const first = event.target.previousElementSibling?.querySelector("a, button");
        setTimeout(() => first?.focus(), 200);
    });
})();

// A dialog that is closed gives the focus back to what opened it. Unfold's own trap forgets it once the dialog's
// content was replaced, as it is after wrong input.
(() => {
    let opener = null;
    document.addEventListener("htmx:beforeRequest", (event) => {
        if (event.detail.target?.id === "modal-content") opener = event.detail.elt;
    });
    document.addEventListener("DOMContentLoaded", () => {
        const frame = document.getElementById("modal-content")?.parentElement;
        if (!frame) return;
        let wasOpen = false;
        const look = () => {
            const isOpen = frame.style.display !== "none";
            if (wasOpen && !isOpen) setTimeout(() => opener?.focus(), 50);
            wasOpen = isOpen;
        };
        new MutationObserver(look).observe(frame, { attributes: true, attributeFilter: ["style"] });
    });
})();

// What is wider than the window and holds nothing to tab to, such as a policy that is only read, is scrolled with keys.
(() => {
    const reach = () => {
        for (const frame of document.querySelectorAll(".formset-wrapper")) {
            const heading = frame.parentElement?.closest("[id$=-group]")?.querySelector("h2");
            const name = heading?.textContent.trim() || document.title;
            const scrolls = frame.scrollWidth > frame.clientWidth;
            for (const [key, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": name })) {
                if (scrolls) frame.setAttribute(key, value);
                else frame.removeAttribute(key);
            }
        }
    };
    window.addEventListener("load", reach);
    window.addEventListener("resize", reach);
})();

// Unfold opens its keys only where "?" comes with Shift, which keyboards on a screen and some layouts do not send, takes
// every box and button for a field in which somebody types, and would open them above a dialog, whose Escape is theirs.
document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey) return;
    const type = event.target.closest("input")?.type ?? "";
    const isTyping = type && !["button", "checkbox", "radio", "reset", "submit"].includes(type);
    if (isTyping || event.target.closest("textarea, select") || event.target.isContentEditable) return;
    const page = window.Alpine?.$data(document.documentElement);
    event.stopPropagation();
    if (!page || page.openModal) return;
    event.preventDefault();
    page.shortcutsOpen = !page.shortcutsOpen;
});
