// Pages may load scripts of their own site only, so a delayed script reports changes; the server writes in the state of the page.
addEventListener("load", () => {
  const wait = () => {
    if (document.hidden) return void document.addEventListener("visibilitychange", wait, { once: true });
    const script = document.createElement("script");
    script.onload = () => { script.remove(); wait(); };
    script.onerror = () => { script.remove(); setTimeout(wait, 3000); };
    script.src = "/.changed/@STATE@.js?" + Date.now();
    document.head.append(script);
  };
  setTimeout(wait);
});
