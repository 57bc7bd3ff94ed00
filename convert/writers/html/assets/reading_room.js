// The reading room: a player beside the notes, chapters that follow it, search, keys. No framework, nothing inline;
// text of notes reaches the page as text alone (textContent), never as markup.
"use strict";

const readingRoom = (() => {
  const fromDisk = location.protocol === "file:";
  const main = document.querySelector("main");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /** Words of the program in the language of the book (`readingRoomWords`), with a value in its place. */
  const spoken = typeof readingRoomWords === "undefined" ? {} : readingRoomWords;
  const say = (text, value = "") => (spoken[text] ?? text).replace("{}", () => value);

  /** An element with properties and children; a string among the children is text. */
  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  /** A setting that survives the page, where the browser lets it. */
  const memory = {
    read(key) { try { return localStorage.getItem(`reading-room-${key}`); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(`reading-room-${key}`, value); } catch { /* not kept then */ } },
  };

  // Players: { seek(seconds), play(), pause(), toggle(), time(), playing() }; each calls `tick` as time goes by.

  function filePlayer(video) {
    video.addEventListener("timeupdate", tick);
    video.addEventListener("seeking", tick);
    video.addEventListener("play", started);
    return {
      seek: (seconds) => { video.currentTime = seconds; },
      play: () => video.play().catch(() => {}),
      pause: () => video.pause(),
      time: () => video.currentTime,
      playing: () => !video.paused,
    };
  }

  /** YouTube's player in a frame, told what to do by messages: its own script would need a hole in the policy. */
  function youtubePlayer(box, id, second) {
    const origin = "https://www.youtube-nocookie.com";
    const state = { time: second, playing: false, loaded: false, answered: false };
    const settings = { enablejsapi: 1, autoplay: 1, playsinline: 1, rel: 0, start: Math.floor(second) };
    const query = new URLSearchParams({ ...settings, origin: location.origin });
    const frame = make("iframe", {
      src: `${origin}/embed/${encodeURIComponent(id)}?${query}`,
      title: box.dataset.title,
      allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
      referrerPolicy: "strict-origin-when-cross-origin",
    });
    const send = (message) => state.loaded && frame.contentWindow?.postMessage(JSON.stringify({ id: 1, channel: "widget", ...message }), origin);
    const command = (func, ...args) => send({ event: "command", func, args });
    addEventListener("message", (event) => {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      let told;
      try { told = JSON.parse(event.data); } catch { return; }
      state.answered = true;
      if (typeof told?.info?.currentTime === "number") state.time = told.info.currentTime;
      if (typeof told?.info?.playerState === "number") state.playing = told.info.playerState === 1;
      tick();
    });
    const greet = setInterval(() => (state.answered ? clearInterval(greet) : send({ event: "listening" })), 250);
    frame.addEventListener("load", () => {
      state.loaded = true;
      if (state.time !== second) command("seekTo", state.time, true);
    });
    box.querySelector(".poster").replaceWith(frame);
    started();
    return {
      seek: (seconds) => { state.time = seconds; command("seekTo", seconds, true); tick(); },
      play: () => command("playVideo"),
      pause: () => command("pauseVideo"),
      time: () => state.time,
      playing: () => state.playing,
    };
  }

  const box = document.querySelector(".player");
  const video = box?.querySelector("video");
  let player = null;

  function setUpPlayer() {
    if (!box) return;
    if (video?.error) {
      giveUp(); // it failed before this script was there
    } else if (video) {
      player = filePlayer(video);
      video.addEventListener("error", () => giveUp());
    } else {
      withoutFile();
    }
    keepPlace();
  }

  /** Without a file: the embed, but only on a click; YouTube refuses it to pages from the disk. */
  function withoutFile() {
    const id = box.dataset.youtube;
    if (!id) return;
    if (fromDisk) {
      all("a.stamp, .chapters a, .watch, .origin a").forEach((link) => Object.assign(link, { target: "_blank", rel: "noopener" }));
      const link = box.querySelector(".watch");
      const where = [link.textContent, box.dataset.length].filter(Boolean).join(" · ");
      link.classList.add("elsewhere");
      link.replaceChildren(make("i", { ariaHidden: "true" }), make("b", { textContent: box.dataset.title }), make("small", { textContent: where }));
      return;
    }
    const poster = make("button", { className: "poster", type: "button" }, make("i"),
      make("span", { className: "unseen", textContent: say("Play {}", box.dataset.title) }), make("small", { textContent: say("Loads the video from YouTube") }));
    poster.querySelector("i").setAttribute("aria-hidden", "true");
    poster.addEventListener("click", () => goTo(0));
    box.prepend(poster);
  }

  function giveUp() {
    player = null;
    video.replaceWith(make("p", { className: "hint", textContent: say("This browser cannot play the file.") }));
    withoutFile();
  }

  /** Plays from a second on; false when there is nothing here that plays. */
  function goTo(second) {
    if (!player && !box?.querySelector(".poster")) return false;
    if (player) player.seek(second);
    else player = youtubePlayer(box, box.dataset.youtube, second);
    player.play();
    return true;
  }

  function started() {
    if (main.classList.contains("playing")) return;
    main.classList.add("playing");
    const follow = make("input", { type: "checkbox", checked: memory.read("follow") === "yes" });
    follow.addEventListener("change", () => { memory.write("follow", follow.checked ? "yes" : "no"); now.section = null; tick(); });
    const row = make("div", { className: "row" }, make("label", {}, follow, say("Scroll along")));
    const link = box.querySelector(".watch");
    if (link) row.append(link);
    box.append(row);
    now.follow = follow;
  }

  /** Takes up the video where it was when the page is loaded again. */
  function keepPlace() {
    const key = `reading-room-${location.pathname}`;
    addEventListener("pagehide", () => { try { if (player) sessionStorage.setItem(key, player.time()); } catch { /* from the start then */ } });
    try {
      const [entry] = performance.getEntriesByType("navigation");
      const second = Number(sessionStorage.getItem(key));
      if (video && player && entry?.type === "reload" && second > 0) player.seek(second);
    } catch { /* from the start then */ }
  }

  // Times: stamps and chapters know their second from their address.

  function secondOf(link) {
    const found = /[?#&]t=(\d+)/.exec(link.href);
    return found ? Number(found[1]) : null;
  }

  /** Whether a time is one of this page's video: notes that are shown in others may be about another. */
  const watch = box?.querySelector(".watch")?.href;
  const isOwn = (link) => !watch || link.getAttribute("href").startsWith("#") || (link.href.startsWith(watch) && /^[?#&]/.test(link.href.slice(watch.length)));

  const byTime = (links) => links.filter(isOwn).map((link) => ({ link, at: secondOf(link) })).filter((one) => one.at !== null).sort((a, b) => a.at - b.at);
  const stamps = byTime(all(".note-text a.stamp"));
  const chapters = byTime(all(".chapters a"));
  const now = { chapter: null, stamp: null, section: null, follow: null };

  /** The first of those that share the latest time not after `second`. */
  function latest(timed, second) {
    let low = 0, high = timed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timed[middle].at <= second) low = middle + 1; else high = middle;
    }
    const found = timed[low - 1];
    return found && timed.find((one) => one.at === found.at).link;
  }

  function tick() {
    if (!player) return;
    const second = player.time() + 0.05;
    const chapter = latest(chapters, second) ?? null, stamp = latest(stamps, second) ?? null;
    if (chapter !== now.chapter) showChapter(chapter);
    if (stamp === now.stamp && now.section) return;
    now.stamp?.classList.remove("now");
    stamp?.classList.add("now");
    now.stamp = stamp;
    showSection(stamp?.closest("section[id], .note-text") ?? null);
  }

  function showChapter(link) {
    now.chapter?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    now.chapter = link;
    keepInSight(link, link?.closest(".chapters"));
  }

  const headOf = (list) => (list.matches("details.chapters") ? list.firstElementChild.offsetHeight : 0);

  /** Scrolls a list so that a row stands in its middle, below a whole one; not under a pointer that has the row in sight. */
  function keepInSight(link, list) {
    if (!link || !list) return;
    const head = headOf(list), start = list.getBoundingClientRect().top + list.clientTop + head;
    const topOf = (row) => row.getBoundingClientRect().top - start;
    const free = list.clientHeight - head - link.offsetHeight;
    if (list.matches(":hover") && topOf(link) >= 0 && topOf(link) <= free) return;
    const first = all("a", list).find((row) => topOf(row) >= topOf(link) - free / 2 - 1);
    list.scrollTop += topOf(first);
  }

  /** Says in the style of a list's rows where the first and the last whole one in sight are: others are not shown in part. */
  function showWholeRows(list) {
    const rows = list.querySelector("ol");
    if (!rows) return;
    const edge = list.getBoundingClientRect(), start = rows.getBoundingClientRect().top;
    const boxes = all("a", rows).map((row) => row.getBoundingClientRect());
    const first = boxes.findIndex((box) => box.top >= edge.top + list.clientTop + headOf(list) - 1);
    const last = boxes.findLastIndex((box) => box.bottom <= edge.top + list.clientTop + list.clientHeight + 1);
    rows.style.setProperty("--from", first > 0 ? `${boxes[first].top - start}px` : "-1rem");
    rows.style.setProperty("--to", last >= 0 && last < boxes.length - 1 ? `${boxes[last].bottom - start}px` : "calc(100% + 3rem)");
  }

  function showSection(section) {
    if (section === now.section) return;
    now.section?.classList.remove("now");
    section?.classList.add("now");
    now.section = section;
    if (section && now.follow?.checked) section.scrollIntoView({ block: "start" });
  }

  /** The section that begins at a second, if a note of the page has one. */
  function sectionAt(second) {
    const same = stamps.filter((one) => one.at === second).map((one) => one.link);
    return (same.find((link) => link.closest("h2, h3, h4, h5, h6")) ?? same[0])?.closest("section[id]");
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.stamp, .chapters a, .sheet a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const inSheet = sheet.open && sheet.contains(link);
    if (inSheet) sheet.close();
    const second = secondOf(link);
    if (second === null || !isOwn(link)) return;
    // In the sheet, and where nothing can play, chapters are the contents of the text.
    const section = link.closest(".chapters") && (inSheet || (fromDisk && !player)) ? sectionAt(second) : null;
    const plays = (!section || main.classList.contains("playing")) && goTo(second);
    section?.scrollIntoView({ block: "start" });
    if (section || plays) event.preventDefault();
  });

  /** Chapters and subtitles of a file, for the menus of the browser's own player. */
  function tracks({ chapters: markers, subtitles }) {
    if (!video) return;
    const add = (kind, label, rows) => {
      const track = video.addTextTrack(kind, label, document.documentElement.lang);
      rows.forEach(([start, end, text]) => track.addCue(new VTTCue(start / 1000, end / 1000, text)));
      track.mode = "hidden";
    };
    if (markers.length) add("chapters", say("Chapters"), markers);
    if (subtitles.length) add("subtitles", say("Notes"), subtitles);
  }

  // Search: the rest of it is loaded when it is first opened.

  const input = make("input", { type: "search", id: "query", placeholder: say("Search all notes"), autocomplete: "off", spellcheck: false });
  const status = make("p", { className: "status" });
  const results = make("ol", { className: "results" });
  const close = (name) => {
    const button = make("button", { className: "quiet", type: "button", textContent: name });
    button.addEventListener("click", () => button.closest("dialog").close());
    return button;
  };
  const sheet = make("dialog", { className: "sheet" });
  const searchDialog = make("dialog", { className: "search" },
    make("div", { className: "field" }, make("label", { className: "unseen", htmlFor: "query", textContent: say("Search all notes") }), input, close(say("Close"))),
    status, results);

  function openSearch() {
    if (searchDialog.open) return;
    if (!status.textContent) {
      status.textContent = say("Loading…");
      document.head.append(...["finding.js", "search.js"].map((src) => make("script", { src, async: false })));
    }
    searchDialog.showModal();
    input.select();
  }

  searchDialog.addEventListener("keydown", (event) => {
    const links = all("a, button", results), at = links.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && links.length) {
      event.preventDefault();
      (links[at + step] ?? (step < 0 ? input : links[at] ?? input)).focus();
    } else if (event.key === "Escape") {
      event.preventDefault(); // the field would only be emptied
      searchDialog.close();
    } else if (event.key === "Enter" && document.activeElement === input && links.length) {
      links[0].click();
    }
  });
  results.addEventListener("click", (event) => event.target.closest("a") && searchDialog.close());
  for (const dialog of [searchDialog, sheet]) dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  // Keys; letters and signs can be switched off (WCAG 2.1.4).

  const single = make("input", { type: "checkbox", checked: memory.read("keys") !== "no" });
  single.addEventListener("change", () => memory.write("keys", single.checked ? "yes" : "no"));
  const KEYS = [["/", say("Search")], ["Space", say("Play or pause")], ["← →", say("Five seconds back or on")], ["j k", say("Next or previous section")], ["?", say("These keys")]];
  const keysDialog = make("dialog", {}, make("div", { className: "keys" }, make("h2", { id: "keys-title", textContent: say("Keys") }),
    make("dl", {}, ...KEYS.flatMap(([keys, does]) => [
      make("dt", {}, ...keys.split(" ").flatMap((key) => [make("kbd", { textContent: key }), " "])), make("dd", { textContent: does })])),
    make("p", {}, make("label", {}, single, say("Letters and signs are keys")), close(say("Close")))));
  keysDialog.setAttribute("aria-labelledby", "keys-title");
  searchDialog.setAttribute("aria-label", say("Search"));
  status.setAttribute("role", "status");

  const headings = all(".notes :is(h2, h3, h4, h5, h6)");

  /** Goes to the next heading below, or the one above, what is being read. */
  function step(way) {
    const line = Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) + 8;
    const tops = headings.map((heading) => ({ heading, top: heading.getBoundingClientRect().top }));
    const next = way > 0 ? tops.find((one) => one.top > line) : tops.findLast((one) => one.top < line - 16);
    if (!next) return;
    next.heading.tabIndex = -1;
    next.heading.focus({ preventScroll: true });
    next.heading.scrollIntoView({ block: "start" });
  }

  /** Where there is no room beside the notes, a button in the bar opens chapters or sections, and the shelf, in mid-note. */
  function setUpChapters() {
    const wide = matchMedia("(min-width: 62rem)"), widest = matchMedia("(min-width: 80rem)"), beside = document.querySelector("details.chapters");
    const list = beside?.querySelector("ol") ?? make("ol", {}, ...headings.flatMap((heading) => {
      const id = heading.closest("[id]")?.id, deeper = heading.matches("h4, h5, h6") ? "deeper" : "";
      return id ? [make("li", { className: deeper }, make("a", { href: `#${id}` }, "", make("span", { textContent: heading.textContent })))] : [];
    }));
    const few = list.children.length < 2;
    if (few && !shelf) return;
    const name = say(beside ? "Chapters" : "Contents"), inside = make("div", { className: "chapters" });
    const fold = make("details", { hidden: !shelf }, make("summary", { textContent: say("Notes") }), "");
    const heading = make("h2", { id: "sheet-title" });
    const button = make("button", { className: "quiet", type: "button" });
    const place = () => {
      if (!few) (beside && wide.matches ? beside : inside).append(list);
      if (beside) beside.hidden = !wide.matches && !few;
      button.hidden = (shelf ? widest : wide).matches;
      fold.open = inside.hidden = !inside.children.length;
      heading.textContent = button.textContent = inside.hidden ? say("Notes") : name;
    };
    sheet.append(make("div", { className: "field" }, heading, close(say("Close"))), fold, inside);
    sheet.setAttribute("aria-labelledby", "sheet-title");
    document.body.append(sheet);
    for (const query of [wide, widest]) query.addEventListener("change", () => { sheet.close(); place(); });
    button.addEventListener("click", () => {
      if (shelf) fold.lastChild.replaceWith(make("div", { className: "shelf" }, ...shelf.cloneNode(true).children));
      openSheet(beside);
      keepInSight(fold.querySelector(".here > a"), fold);
    });
    fold.addEventListener("toggle", () => keepInSight(fold.querySelector(".here > a"), fold));
    find_.before(button);
    place();
  }

  function openSheet(timed) {
    sheet.showModal();
    const above = headingAbove();
    if (!timed) showChapter(all(".chapters a", sheet).find((link) => link.hash === `#${above?.closest("[id]").id}`));
    else if (!main.classList.contains("playing")) showChapter(readChapter());
    else now.chapter?.scrollIntoView({ block: "center" });
  }

  /** Marks the note that is being read among those of the page, and keeps the mark in sight. */
  const shelf = document.querySelector(".shelf"), shelved = all(".here ol a", shelf ?? make("nav"));
  const notes = shelved.map((link) => document.querySelector(link.hash));
  function markNote() {
    const link = shelved[notes.findLastIndex((note) => note?.getBoundingClientRect().top < innerHeight / 3)];
    const marked = shelved.find((one) => one.ariaCurrent);
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    keepInSight(link, shelf);
  }

  const headingAbove = () => headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 3);

  /** Marks the chapter that is being read, unless the video says which it is; at most once a frame. */
  let marking = 0;
  function markRead() {
    marking ||= requestAnimationFrame(() => {
      marking = 0;
      const chapter = main.classList.contains("playing") || sheet.open ? now.chapter : readChapter() ?? null;
      if (chapter !== now.chapter) showChapter(chapter);
      markNote();
    });
  }
  if (chapters.length || shelf) addEventListener("scroll", markRead, { passive: true });
  keepInSight(document.querySelector(".shelf .here > a"), shelf);
  markNote();

  /** The chapter that is being read: that of the first time in sight, else of the last one above; none above the notes. */
  const written = all(".note-text a.stamp").filter((link) => isOwn(link) && secondOf(link) !== null);
  function readChapter() {
    if (document.querySelector(".notes").getBoundingClientRect().top >= innerHeight / 3) return null;
    const bar = document.querySelector(".bar").offsetHeight;
    const at = written.findIndex((link) => link.getBoundingClientRect().top >= bar);
    const isSeen = at >= 0 && written[at].getBoundingClientRect().top < innerHeight;
    const read = isSeen ? written[at] : written.at(at < 0 ? -1 : Math.max(at - 1, 0));
    return read && latest(chapters, secondOf(read));
  }

  /** Rows are cut by the edges of what scrolls beside the notes: of chapters and of the shelf. */
  for (const list of all("details.chapters, main > .shelf")) {
    const show = () => showWholeRows(list);
    list.addEventListener("scroll", show, { passive: true });
    new ResizeObserver(show).observe(list);
  }

  const SIGNS = { "/": openSearch, "?": () => keysDialog.showModal(), j: () => step(1), k: () => step(-1) };
  const MOVES = {
    " ": () => (player.playing() ? player.pause() : player.play()),
    ArrowLeft: () => player.seek(Math.max(0, player.time() - 5)),
    ArrowRight: () => player.seek(player.time() + 5),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, button, summary, video, dialog, [contenteditable]");
    if (typing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = (player && MOVES[event.key]) || (single.checked && SIGNS[event.key]);
    if (!does) return;
    event.preventDefault();
    does();
  });

  /** What is scrolled alone can be reached by keys. */
  const reach = () => all(".formula").forEach((one) => { one.tabIndex = one.scrollWidth > one.clientWidth ? 0 : -1; });
  addEventListener("resize", reach);
  reach();

  /** On a phone, rows of sentences that are too wide, or have columns of single words, become lists, each cell beside its column's name; others keep their first column in sight. */
  const slim = matchMedia("(max-width: 30rem)"), ROLES = { table: "table", "thead, tbody": "rowgroup", tr: "row", th: "columnheader", td: "cell" };
  function fitTable(box) {
    const table = box.querySelector("table"), heads = all("thead th", table), rows = all("tbody tr", table);
    table.classList.remove("listed");
    const isWide = slim.matches && box.scrollWidth > box.clientWidth;
    const isText = rows.some((row) => [...row.cells].some((cell) => cell.textContent.length > 40));
    const isNarrow = slim.matches && box.clientWidth < heads.length * 96, isNamed = heads.length > 1 && heads.slice(1).every((head) => head.textContent.trim());
    const isListed = (isWide || isNarrow) && isText && isNamed && rows.every((row) => row.cells.length === heads.length);
    table.classList.toggle("listed", isListed);
    box.classList.toggle("pinned", isWide && !isListed && rows[0]?.cells[0].offsetWidth < box.clientWidth * 0.4);
    if (!isListed) return;
    for (const row of rows) heads.forEach((head, at) => { row.cells[at].dataset.head = head.textContent.trim(); });
    for (const [selector, role] of Object.entries(ROLES)) all(selector, box).forEach((part) => { part.role = role; }); // their layout is none of a table's
  }
  const fitTables = () => all(".wide").forEach(fitTable);
  slim.addEventListener("change", fitTables);
  fitTables();

  /** A button at each piece of code copies it, where the browser lets pages do so. */
  if (navigator.clipboard) for (const code of all(".notes pre")) {
    const button = make("button", { className: "copy", type: "button", ariaLive: "polite", textContent: say("Copy") });
    button.addEventListener("click", () => navigator.clipboard.writeText(code.textContent.trimEnd()).then(() => {
      button.textContent = say("Copied");
      setTimeout(() => { button.textContent = say("Copy"); }, 2000);
    }, () => {}));
    const box = make("div", { className: "code" });
    code.replaceWith(box);
    box.append(code, button);
  }

  const bar = document.querySelector(".bar");
  const find_ = make("button", { className: "quiet find", type: "button" }, say("Search"), make("kbd", { textContent: "/" }));
  const keys = make("button", { className: "quiet hide", type: "button", textContent: say("Keys") });
  find_.addEventListener("click", openSearch);
  keys.addEventListener("click", () => keysDialog.showModal());
  bar.append(find_, keys);
  document.body.append(searchDialog, keysDialog);
  setUpChapters();
  setUpPlayer();
  return { make, say, spoken, tracks };
})();
window.readingRoom = readingRoom;
