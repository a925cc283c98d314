/* Holds the one stream of events, and passes on what it tells to every tab that listens. */
"use strict";

const ports = new Set();
let newest = null, away = false, source = null;

const tell = (message) => { for (const port of ports) port.postMessage(message); };

const open = () => {
  source = new EventSource("/api/events");
  source.addEventListener("news", (event) => {
    newest = event.data;
    tell({ data: event.data });
  });
  source.addEventListener("error", () => {
    away = true;
    tell({ away: true });
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000); // it was refused: it does not try again by itself
  });
  source.addEventListener("open", () => {
    away = false;
    tell({ back: true });
  });
};

self.addEventListener("connect", (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = () => ports.delete(port);
  if (newest !== null) port.postMessage({ data: JSON.stringify({ state: JSON.parse(newest).state, notes: [] }) });
  if (away) port.postMessage({ away: true });
  if (source === null) open();
});
