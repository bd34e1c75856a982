// Runs before the first paint, so it is not a module and does as little as it can: it marks that scripts run, and gives
// a stranger (login, error pages) the theme last chosen on this machine. For people who are logged in the server has
// written the theme into the page already, and "system" needs no script at all.
{
  const root = document.documentElement;
  root.classList.add("has-js");
  if (root.hasAttribute("data-stranger")) {
    try {
      const theme = localStorage.getItem("hpweb-theme");
      if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    } catch {
      // Storage may be forbidden; the system's theme stays.
    }
  }
}
