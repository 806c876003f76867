// Long work: shows each step as the server tells it, and loads the answer when it is there.
// Without scripts the page asks again by itself.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-events]");
  if (!place) return;
  const steps = place.querySelector("ol");
  const source = new EventSource(place.dataset.events);
  let ended = false;
  source.addEventListener("open", () => steps.replaceChildren());
  source.addEventListener("step", (event) => {
    const line = document.createElement("li");
    line.textContent = event.data;
    steps.append(line);
  });
  source.addEventListener("end", () => {
    ended = true;
  });
  // The server closes the stream after its end; a stream that broke before is asked for again by the browser.
  source.addEventListener("error", () => {
    if (!ended) return;
    source.close();
    location.reload();
  });
});
