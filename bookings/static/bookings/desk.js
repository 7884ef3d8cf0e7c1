// Keeps the text of a dialog's button true to what is typed. Without JavaScript the button shows what was proposed.
document.addEventListener("alpine:init", () => {
    const shown = (amount, currency) =>
        new Intl.NumberFormat("en", { style: "currency", currency }).format(amount);
    const typed = (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : null);

    Alpine.data("deskRefund", () => ({
        currency: "",
        amount: "",
        init() {
            Object.assign(this, JSON.parse(this.$el.dataset.live));
        },
        words(proposed) {
            const amount = typed(String(this.amount));
            return amount === null ? "Refund" : `Refund ${shown(amount, this.currency)}`;
        },
    }));

    Alpine.data("deskCancel", () => ({
        currency: "",
        available: 0,
        policy: 0,
        fee: "policy",
        custom: "",
        init() {
            Object.assign(this, JSON.parse(this.$el.dataset.live));
        },
        words(proposed) {
            const fees = { policy: this.policy, waive: 0, full: this.available, custom: typed(this.custom) };
            const fee = fees[this.fee];
            if (!this.available) return proposed;
            if (fee === null || fee > this.available) return "Cancel the booking";
            return `Cancel and return ${shown(this.available - fee, this.currency)}`;
        },
    }));
});
