// Measures a report and leaves what is wrong with it in the page, one line each. ROOMS are the sections that it must
// have, PICTURES how many it has at least.
document.fonts.ready.then(() => {
  const found = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > window.innerWidth) found.push(`scrolls sideways: ${wide} in ${window.innerWidth}`);

  for (const id of ROOMS) {
    const section = document.getElementById(id);
    if (!section || section.innerText.trim().length < 20) found.push(`section ${id} is missing or empty`);
  }
  for (const link of document.querySelectorAll("nav a")) {
    if (!document.querySelector(link.getAttribute("href"))) found.push(`nothing at ${link.getAttribute("href")}`);
  }
  if (document.querySelectorAll("svg").length < PICTURES) found.push("pictures are missing");
  for (const font of ["400 12px mrsim", "700 12px mrsim"]) {
    // A page without pictures needs it for nothing.
    if (PICTURES > 0 && !document.fonts.check(font)) found.push(`the font is not loaded: ${font}`);
  }

  // Letters of one picture that lie on others, or leave it. A unit of play, for boxes are larger than letters.
  const play = 1;
  const covers = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > play &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > play * 2.5;
  for (const picture of document.querySelectorAll("svg")) {
    const frame = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
    for (const [text, box] of texts) {
      if (box.left < frame.left - play || box.right > frame.right + play || box.top < frame.top - play ||
        box.bottom > frame.bottom + play) found.push(`"${text.textContent}" leaves its picture`);
      if (box.height > 0 && parseFloat(text.getAttribute("font-size")) * frame.width / picture.viewBox.baseVal.width < 9.4)
        found.push(`"${text.textContent}" is too small to read`);
    }
    for (let one = 0; one < texts.length; one += 1) {
      for (let other = one + 1; other < texts.length; other += 1) {
        if (covers(texts[one][1], texts[other][1]))
          found.push(`"${texts[one][0].textContent}" lies on "${texts[other][0].textContent}"`);
      }
    }
  }

  // Cells whose content is wider than they are.
  for (const cell of document.querySelectorAll("td, th, p, li, dd, pre, .card")) {
    if (cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth > 0)
      found.push(`"${cell.textContent.trim().slice(0, 60)}" is cut off: ${cell.scrollWidth} in ${cell.clientWidth}`);
  }

  const result = document.createElement("pre");
  result.id = "found";
  result.textContent = [`measured at ${window.innerWidth}`, ...found].join("\n");
  document.body.append(result);
});
