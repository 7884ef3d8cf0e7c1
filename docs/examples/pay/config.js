// The one file to change: where Innkeep is, and which hotel this page is for.
window.INNKEEP = { api: "http://127.0.0.1:8000", hotel: "harbour-house" };
