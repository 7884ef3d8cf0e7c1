// Keeps the page of a run up to date while it goes on. Without JavaScript, "Reload" shows the same.
document.addEventListener("DOMContentLoaded", () => {
    const run = document.getElementById("bulk-run");
    if (!run || "over" in run.dataset) return;
    const bar = run.querySelector("[role=progressbar]");
    const said = document.getElementById("bulk-said");
    let after = run.dataset.at;

    const show = (found) => {
        bar.setAttribute("aria-valuenow", found.through);
        bar.setAttribute("aria-valuetext", found.said);
        bar.querySelector("progress").value = found.through;
        if (said.textContent !== found.said) said.textContent = found.said;
        document.getElementById("bulk-run-state").textContent = found.state_label;
        for (const each of run.querySelectorAll("[data-state]")) {
            const number = found.numbers[each.dataset.state] || 0;
            each.querySelector("strong").textContent = number;
            each.hidden = !number;
        }
        for (const each of found.changed) {
            const row = run.querySelector(`[data-row="${each.pk}"] td:last-child`);
            if (!row) continue;
            const [pill, words] = row.children;
            pill.textContent = each.state;
            pill.className = `desk-pill desk-${each.kind}`;
            words.textContent = each.words;
        }
    };
    const look = async () => {
        try {
            const answer = await fetch(`${run.dataset.progress}?after=${encodeURIComponent(after)}`);
            if (!answer.ok) throw new Error(answer.status);
            const found = await answer.json();
            show(found);
            after = found.at;
            // Only the page itself knows the sums at the end, and which buttons it then has.
            if (found.over) return location.replace(location.href);
        } catch {
            // The next look may be luckier.
        }
        setTimeout(look, 1000);
    };
    setTimeout(look, 1000);
});
