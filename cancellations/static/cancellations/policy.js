// Shows what the tiers cost as they are typed. The server works it out and stores nothing; without JavaScript the page
// shows what is stored, and after a refused save what was typed.
document.addEventListener("DOMContentLoaded", () => {
    const shown = document.getElementById("policy-examples");
    const status = document.getElementById("policy-examples-status");
    const form = shown?.closest("form");
    if (!form || !shown.dataset.url) return;
    let timer = 0;
    let asked = 0;

    const show = (html, words) => {
        if (html !== null) shown.innerHTML = html;
        shown.classList.toggle("desk-stale", html === null);
        status.textContent = words;
    };
    const ask = async () => {
        asked += 1;
        const mine = asked;
        let html = null;
        try {
            const answer = await fetch(shown.dataset.url, { method: "POST", body: new FormData(form) });
            if (answer.ok && !answer.redirected) html = await answer.text();
        } catch {
            // The network is away: the examples are marked as old, and the next key asks again.
        }
        // An answer that was overtaken by a newer question is old news.
        if (mine === asked) show(html, html === null ? shown.dataset.failed : shown.dataset.updated);
    };
    const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(ask, 300);
    };
    // A preset keeps the hotel that was chosen before it.
    const keepHotel = () => {
        const hotel = form.elements.hotel?.value;
        for (const link of document.querySelectorAll(".desk-presets a")) {
            const address = new URL(link.href);
            if (hotel) address.searchParams.set("hotel", hotel);
            else address.searchParams.delete("hotel");
            link.href = address.href;
        }
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("change", keepHotel);
    document.addEventListener("formset:added", soon);
    document.addEventListener("formset:removed", soon);
});
