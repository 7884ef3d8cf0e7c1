// Shows what is free and what it costs while a booking is typed. The server works it out and stores nothing; without
// JavaScript the button "Show what is free" does the same.
document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("booking_form");
    if (!form?.dataset.offers) return;
    const status = document.getElementById("take-status");
    const parts = () => form.querySelectorAll("[data-part]");
    let timer = 0;
    let asked = 0;

    const show = (html) => {
        const fresh = new DOMParser().parseFromString(html, "text/html");
        const focused = document.activeElement?.id;
        for (const part of parts()) {
            const news = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
            if (news && news.innerHTML !== part.innerHTML) part.innerHTML = news.innerHTML;
            part.classList.remove("desk-stale");
        }
        // What had the focus may have been drawn anew.
        if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
        const total = form.querySelectorAll("[data-part=summary] dd")[1];
        status.textContent = total ? total.textContent : "";
    };
    const ask = async () => {
        asked += 1;
        const mine = asked;
        try {
            const answer = await fetch(form.dataset.offers, { method: "POST", body: new FormData(form) });
            const html = answer.ok && !answer.redirected ? await answer.text() : null;
            // An answer that was overtaken by a newer question is old news.
            if (mine === asked && html !== null) show(html);
        } catch {
            // The network is away: what is shown stays marked as old, and the next key asks again.
        }
    };
    const soon = () => {
        clearTimeout(timer);
        for (const part of parts()) part.classList.add("desk-stale");
        timer = setTimeout(ask, 250);
    };
    // The nights move with their first one.
    const follow = (event) => {
        const { check_in: begin, check_out: end } = form.elements;
        if (event.target !== begin || !begin.value || (end.value && end.value > begin.value)) return;
        const next = new Date(`${begin.value}T00:00:00Z`);
        next.setUTCDate(next.getUTCDate() + 1);
        if (!Number.isNaN(next.getTime())) end.value = next.toISOString().slice(0, 10);
    };
    // Years are typed digit by digit, so a date counts once the field is left.
    form.elements.check_in.addEventListener("change", follow);
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.querySelector("[name=_show]").hidden = true;
    // After "Back" the browser has put in again what was typed, but not what it had been answered.
    window.addEventListener("pageshow", () => {
        const { check_in: begin, check_out: end } = form.elements;
        if (begin.value !== begin.defaultValue || end.value !== end.defaultValue) soon();
    });
});
