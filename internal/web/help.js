// Opens the chat from a button of a page; the widget's loader does the rest.
document.addEventListener('click', (event) => {
  if (!event.target.closest('[data-chat]')) return;
  if (window.Careloop) window.Careloop.open();
  else document.querySelector('script[data-site-key]')?.addEventListener('load', () => window.Careloop?.open(), { once: true });
});
