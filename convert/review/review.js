"use strict";
const el = (id) => document.getElementById(id);
let cards = [], sections = [], shown = [], current = null;
const done = [];

const isNew = (card) => card.verdict === "" || card.verdict === "waiting" || card.suspended;

function option(select, value, text) {
  const one = document.createElement("option");
  one.value = value;
  one.textContent = text;
  select.append(one);
}

function fillFilters() {
  for (const [id, of] of [["rule", (card) => card.rule], ["note", (card) => card.note]]) {
    const counts = new Map();
    for (const card of cards) counts.set(of(card), (counts.get(of(card)) || 0) + 1);
    for (const [name, count] of [...counts].sort((a, b) => (a[0] < b[0] ? -1 : 1))) option(el(id), name, `${name} (${count})`);
  }
}

function tellMarked(notes) {
  const count = notes.reduce((sum, [, number]) => sum + number, 0);
  el("marked").hidden = !count;
  el("marked").firstElementChild.textContent = `${count} ${count === 1 ? "card that you marked is" : "cards that you marked are"} always made: change ${count === 1 ? "it in its note" : "them in their notes"}`;
  el("marked").lastElementChild.replaceChildren(...notes.map(([path, number]) => {
    const row = document.createElement("li");
    row.textContent = `${path}: ${number}`;
    return row;
  }));
}

function matches(card) {
  const state = el("state").value, words = el("search").value.trim().toLowerCase();
  if (state === "new" ? !isNew(card) : state && card.verdict !== state) return false;
  if (el("rule").value && card.rule !== el("rule").value) return false;
  if (el("note").value && card.note !== el("note").value) return false;
  return !words || `${card.front}\n${card.back}\n${card.sentence}`.toLowerCase().includes(words);
}

function plain(text) {
  return text.replace(/\{\{c\d+::([^{}]*?)(?:::[^{}]*)?\}\}/g, "[$1]");
}

// What Anki or a person asks about comes first.
const urgency = (card) => (card.suspended ? 0 : card.verdict === "waiting" ? 1 : 2);

function renew(keep) {
  const place = shown.indexOf(current);
  shown = cards.filter(matches);
  if (el("order").value === "likely") shown.sort((a, b) => urgency(a) - urgency(b) || b.chance - a.chance);
  const rows = document.createDocumentFragment();
  for (const card of shown) {
    const row = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.dataset.id = card.id;
    button.textContent = plain(card.front).slice(0, 120);
    row.append(button);
    rows.append(row);
  }
  el("list").replaceChildren(rows);
  select(keep && shown.includes(current) ? current : shown[Math.min(Math.max(place, 0), shown.length - 1)] || null);
}

function button(card) {
  const place = shown.indexOf(card);
  return place < 0 ? null : el("list").children[place].firstChild;
}

function select(card) {
  const before = document.querySelector("#list [aria-current]");
  if (before) before.removeAttribute("aria-current");
  current = card;
  el("card").hidden = !card;
  el("empty").hidden = Boolean(card);
  closeEdit();
  progress();
  if (!card) return;
  const row = button(card);
  if (row) {
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  }
  draw(card);
}

function draw(card) {
  const states = { keep: "Kept", discard: "Discarded", waiting: "Waiting" };
  const marks = [card.suspended ? "Suspended in Anki: keep it?" : states[card.verdict] || "New", card.edited ? "edited" : "", card.imported ? "from another writer" : ""];
  el("mark").textContent = `${marks.filter(Boolean).join(", ")} · ${card.rule} · ${Math.round(card.chance * 100)} %`;
  el("front").replaceChildren(...pieces(card.front, /(\{\{c\d+::[^{}]*\}\})/, "span", "gap"));
  el("back").textContent = card.back;
  el("back").hidden = !card.back;
  el("doubt").textContent = card.doubt ? `Look twice: ${card.doubt}.` : "";
  el("doubt").hidden = !card.doubt;
  el("context").textContent = card.context || card.note;
  el("watch").textContent = card.watch ? `▶ ${card.time || "Watch"}` : "";
  if (card.watch) el("watch").href = card.watch; else el("watch").removeAttribute("href");
  const text = sections[card.section] || card.sentence, at = card.sentence ? text.indexOf(card.sentence) : -1;
  if (at < 0) {
    const told = text === card.sentence || !card.sentence ? text : `${card.sentence}\n\n${text}`;
    el("source").textContent = told;
  } else {
    const mark = document.createElement("mark");
    mark.textContent = card.sentence;
    el("source").replaceChildren(text.slice(0, at), mark, text.slice(at + card.sentence.length));
  }
}

function pieces(text, pattern, tag, name) {
  return text.split(pattern).map((piece, number) => {
    if (number % 2 === 0) return piece;
    const one = document.createElement(tag);
    one.className = name;
    one.textContent = plain(piece);
    return one;
  });
}

function progress() {
  const reviewed = cards.filter((card) => !isNew(card)).length, kept = cards.filter((card) => card.verdict === "keep" && !card.suspended).length;
  el("progress").textContent = `${reviewed} of ${cards.length} reviewed, ${kept} kept`;
  el("bar").max = cards.length || 1;
  el("bar").value = reviewed;
  el("undo").disabled = !done.length;
}

async function send(card, said) {
  el("error").textContent = "";
  try {
    const body = JSON.stringify({ id: card.id, ...said });
    const reply = await fetch("verdict", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const told = reply.headers.get("Content-Type").startsWith("application/json") ? await reply.json() : { error: await reply.text() };
    if (told.error) throw new Error(told.error);
    Object.assign(card, told.card);
    return true;
  } catch (error) {
    el("error").textContent = `Not saved: ${error.message}`;
    return false;
  }
}

async function judge(card, said) {
  if (!card) return;
  const before = { verdict: card.verdict, front: card.edited ? card.front : null, back: card.edited ? card.back : null };
  const following = shown[shown.indexOf(card) + 1];
  if (!(await send(card, said))) return;
  done.push([card, before]);
  leave(card, following);
}

// Takes one row out of the list: making all of them again would take too long for each of 3,000 cards.
function leave(card, following) {
  if (matches(card)) {
    select(following || card);
    return;
  }
  const row = button(card), place = shown.indexOf(card);
  if (row) {
    row.parentNode.remove();
    shown.splice(place, 1);
  }
  select(following || shown[shown.length - 1] || null);
}

async function undo() {
  if (!done.length) return;
  const [card, before] = done[done.length - 1];
  if (!(await send(card, { verdict: before.verdict, front: before.front, back: before.back, original: !before.front }))) return;
  done.pop();
  current = card;
  if (!matches(card)) el("state").value = "";
  renew(true);
}

function openEdit() {
  if (!current) return;
  el("edit-front").value = current.front;
  el("edit-back").value = current.back;
  el("edit").hidden = false;
  el("edit-front").focus();
}

function closeEdit() {
  el("edit").hidden = true;
}

function step(by) {
  const place = shown.indexOf(current) + by;
  if (shown[place]) select(shown[place]);
}

const actions = {
  k: () => judge(current, { verdict: "keep" }),
  d: () => judge(current, { verdict: "discard" }),
  e: openEdit,
  u: undo,
  n: () => step(1),
  ArrowDown: () => step(1),
  p: () => step(-1),
  ArrowUp: () => step(-1),
  "/": () => el("search").focus(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "Escape" && !el("edit").hidden) closeEdit();
  else if (event.key === "Escape" && typing) event.target.blur();
  else if (event.key === "Enter" && event.target.id === "search") event.target.blur();
  else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
});
for (const [id, key] of [["keep", "k"], ["discard", "d"], ["change", "e"], ["undo", "u"], ["next", "n"], ["previous", "p"]]) el(id).addEventListener("click", () => actions[key]());
for (const id of ["state", "rule", "note", "order"]) el(id).addEventListener("change", () => renew(false));
el("search").addEventListener("input", () => renew(false));
el("cancel").addEventListener("click", closeEdit);
el("edit").addEventListener("submit", (event) => {
  event.preventDefault();
  judge(current, { verdict: "keep", front: el("edit-front").value, back: el("edit-back").value });
});
el("list").addEventListener("click", (event) => {
  const id = event.target.dataset.id;
  if (id) select(cards.find((card) => card.id === id));
});

fetch("cards.json").then((reply) => reply.json()).then((told) => {
  ({ cards, sections } = told);
  fillFilters();
  tellMarked(Object.entries(told.marked));
  renew(false);
});
