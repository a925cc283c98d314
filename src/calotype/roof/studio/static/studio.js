/* Keeps a contact sheet alive: hears what is built, and puts what changed in its place. */
const source = new EventSource("/api/events");
source.addEventListener("news", (event) => console.log(event.data));
