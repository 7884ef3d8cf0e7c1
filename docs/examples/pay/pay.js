// A page of the hotel's own website: ask for a payment page, send the guest there, and wait for the result.
"use strict";

const EVERY_MS = 2000;
const AT_MOST = 30;
const DONE = ["AUTHORIZED", "SUCCEEDED"];
const OVER = ["FAILED", "VOIDED", "EXPIRED"];

const form = document.getElementById("form");
const told = document.getElementById("told");

// One call; whatever is not 2xx is thrown with the words that the API has for a person.
async function call(guest, end, method) {
  const path = `${INNKEEP.api}/api/public/hotel/${INNKEEP.hotel}/room-bookings/${encodeURIComponent(guest.reference)}/`;
  const answer = await fetch(path + end, { method, headers: { Authorization: `Bearer ${guest.key}` } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.message || said.error);
  return said;
}

async function pay(guest) {
  // Asking twice gives the same page, so a double click or a reload charges nobody twice.
  const page = await call(guest, "payment/session/", "POST");
  if (!page.payment_url) throw new Error(page.message);
  sessionStorage.setItem("guest", JSON.stringify(guest));
  location.assign(page.payment_url);
}

// The guest is back. The address proves nothing: Innkeep asks Stripe once, then its own records are enough.
async function wait(guest) {
  form.hidden = true;
  told.textContent = "One moment, we are checking your payment.";
  for (let turn = 0; turn < AT_MOST; turn += 1) {
    const state = await call(guest, turn ? "payment/status/" : "payment/verify/", "GET");
    if (DONE.includes(state.payment_status)) {
      sessionStorage.removeItem("guest");
      told.textContent = `Thank you: ${state.amount} ${state.currency}. ` + (state.booking_status === "CONFIRMED"
        ? "Your booking is confirmed." : "The hotel will confirm your booking; until then the amount is only held.");
      return;
    }
    if (OVER.includes(state.payment_status)) break;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  form.hidden = false;
  told.textContent = "This was not paid. You can try again.";
}

function show(error) {
  form.hidden = false;
  told.textContent = error instanceof TypeError ? "We cannot be reached just now. Please try again." : error.message;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const key = (document.getElementById("link").value.match(/ikg_[\w-]+/) || [""])[0];
  pay({ reference: document.getElementById("reference").value.trim().toUpperCase(), key }).catch(show);
});

const kept = JSON.parse(sessionStorage.getItem("guest") || "null");
if (kept && new URLSearchParams(location.search).has("session_id")) wait(kept).catch(show);
