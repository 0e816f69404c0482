// Looks again without a reload: who reads the card, or stands on its link, stays there.
const look = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = fresh.getElementById("card"), old = document.getElementById("card");
    if (!now || now.innerHTML === old.innerHTML) return;
    old.href = now.href;
    old.replaceChildren(...now.childNodes);
    document.title = fresh.title;
  } catch {
    // It stays as it is, and says when that was.
  }
};
setInterval(look, document.documentElement.dataset.again * 1000);
document.addEventListener("visibilitychange", look);
