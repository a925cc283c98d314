/* What was before each move, and what was taken back. It knows neither poses nor pages. */

const MOST = 200, PAUSE = 1000;

/* `keep(state, mover)` keeps what is just being left; moves of one mover within a second of each other are one. `undo(now)` and
   `redo(now)` give the state to go to, and null where there is none. */
export const history = () => {
  let past = [], future = [], latest = "", at = 0;
  const turn = (from, to) => (now) => {
    if (from().length === 0) return null;
    to().push(now);
    latest = "";
    return from().pop();
  };
  return {
    keep(state, mover = "") {
      const isSame = mover !== "" && mover === latest && Date.now() - at < PAUSE;
      if (!isSame) past = [...past.slice(1 - MOST), state];
      [future, latest, at] = [[], mover, Date.now()];
    },
    undo: turn(() => past, () => future),
    redo: turn(() => future, () => past),
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    clear() { [past, future, latest] = [[], [], ""]; },
  };
};
