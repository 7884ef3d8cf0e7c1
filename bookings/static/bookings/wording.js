// Shows a mail with the words as they are typed. The server draws it and stores nothing; without JavaScript the button
// "Preview" does the same. Listens on the document, so that it also works for a page that htmx has put in.
(() => {
    let timer = 0;
    let asked = 0;

    const ask = async (form) => {
        const shown = document.getElementById("words-preview");
        const status = document.getElementById("words-status");
        if (!shown || !status) return;
        asked += 1;
        const mine = asked;
        let html = null;
        try {
            const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
            if (answer.ok && !answer.redirected) html = await answer.text();
        } catch {
            // The network is away: the preview is marked as old, and the next key asks again.
        }
        // An answer that was overtaken by a newer question is old news.
        if (mine !== asked) return;
        if (html !== null) {
            const wasOpen = shown.querySelector("details")?.open;
            shown.innerHTML = html;
            const text = shown.querySelector("details");
            if (text) text.open = Boolean(wasOpen);
        }
        shown.classList.toggle("desk-stale", html === null);
        status.textContent = html === null ? status.dataset.failed : status.dataset.done;
    };
    document.addEventListener("input", (event) => {
        const form = event.target.closest?.("form[data-preview]");
        if (!form) return;
        clearTimeout(timer);
        timer = setTimeout(() => ask(form), 400);
    });
})();
