// Asks every 2 s, for at most a minute over all reloads, whether the payment has arrived.
(() => {
  "use strict";
  const box = document.querySelector("[data-poll]");
  if (!box) return;
  const EVERY = 2000;
  const show = (address) => window.location.replace(address);
  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.poll, { headers: { Accept: "application/json" } });
      if (!answer.ok) return show(box.dataset.next);
      const { settled } = await answer.json();
      if (settled) {
        box.querySelector("[data-say]").textContent = box.dataset.arrived;
        return show(box.dataset.next);
      }
    } catch {
      // Offline for a moment: ask again.
    }
    window.setTimeout(ask, EVERY);
  };
  window.setTimeout(ask, EVERY);
})();
