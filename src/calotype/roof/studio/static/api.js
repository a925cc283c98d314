/* Talks to the server. The token of a write comes in the address's fragment, which no server is sent, and stays in this
   browser. */
const KEY = "calotype-token";

const fromAddress = new URLSearchParams(location.hash.slice(1)).get("token");
if (fromAddress) {
  localStorage.setItem(KEY, fromAddress);
  history.replaceState(null, "", location.pathname + location.search);
}

const token = () => localStorage.getItem(KEY) || "";

/* What the server refused: a line for each reason. */
export class Refused extends Error {
  constructor(status, diagnostics) {
    super(diagnostics.map((each) => each.message + (each.hint ? ` (${each.hint})` : "")).join("\n"));
    this.status = status;
    this.diagnostics = diagnostics;
  }
}

const answered = async (response) => {
  if (response.ok) return response.json();
  let diagnostics = [{ message: `the server answered ${response.status}` }];
  try { diagnostics = (await response.json()).diagnostics; } catch { /* no JSON: the status says it */ }
  throw new Refused(response.status, diagnostics);
};

export const read = async (path) => answered(await fetch(path));

export const write = async (path, body, method = "POST") => {
  const raw = body instanceof Blob;
  const headers = { authorization: `Bearer ${token()}`, "content-type": raw ? body.type : "application/json" };
  return answered(await fetch(path, { method, headers, body: raw ? body : JSON.stringify(body) }));
};
