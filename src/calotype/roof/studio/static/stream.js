/* The stream of events, one for all tabs of this browser: a browser opens six connections to a server, and a stream of
   each tab would use them up. */

const worker = () => {
  const shared = new SharedWorker("/studio/stream_worker.js", { name: "calotype" });
  return { port: shared.port, start: () => shared.port.start() };
};

/* Calls `hear` with what is told ({ data }, { away }, { back }), until the page is left; again when it comes back. */
export const listen = (hear) => {
  if (typeof SharedWorker === "undefined") { listenAlone(hear); return; }
  let port = null;
  const open = () => {
    const shared = worker();
    port = shared.port;
    port.onmessage = (event) => hear(event.data);
    shared.start();
  };
  addEventListener("pagehide", () => { port?.postMessage("left"); port?.close(); port = null; });
  addEventListener("pageshow", (event) => { if (event.persisted && !port) open(); });
  open();
};

const listenAlone = (hear) => {
  let source = null;
  const open = () => {
    source = new EventSource("/api/events");
    source.addEventListener("news", (event) => hear({ data: event.data }));
    source.addEventListener("error", () => hear({ away: true }));
    source.addEventListener("open", () => hear({ back: true }));
  };
  addEventListener("pagehide", () => { source?.close(); source = null; });
  addEventListener("pageshow", (event) => { if (event.persisted && !source) open(); });
  open();
};
