// A shop's page for the tests. Its look and its script tag are set by the query.

const text = (s) => String(s).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export function hostPage(origin, q) {
  const attrs = ['locale', 'theme', 'position', 'accent', 'label', 'identity']
    .filter((a) => q.has(a))
    .map((a) => ` data-${a}="${text(q.get(a))}"`)
    .join('');
  const tag = `<script src="${origin}/widget.js" data-site-key="demo"${attrs} ${text(q.get('load') ?? 'async')}></script>`;
  const strict = q.has('csp');
  // The page's own styles would break an unshielded widget on purpose.
  const hostile = 'button{display:none!important;background:red!important}div{outline:9px solid red}*{font-size:40px}';
  const style = q.has('hostile') ? `<style>${hostile}</style>` : '';
  const vars = q.has('vars') ? `<style>:root{${text(q.get('vars'))}}</style>` : '';
  return {
    csp: strict ? `default-src 'none'; script-src ${origin}; frame-src ${origin}; require-trusted-types-for 'script'` : '',
    html: `<!doctype html>
<html lang="${text(q.get('lang') ?? 'en')}"${q.has('dir') ? ` dir="${text(q.get('dir'))}"` : ''}${q.has('mark') ? ` ${q.get('mark') === 'class' ? 'class="dark"' : 'data-theme="dark"'}` : ''}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Boots · A small shop</title>
${strict ? '' : `<style>
body{font:17px/1.6 Georgia,serif;margin:0;background:#f4efe7;color:#2c2620}
.dark body,[data-theme=dark] body{background:#15130f;color:#e9e2d6}
main{max-width:900px;margin:0 auto;padding:40px 24px}nav a{margin-inline-end:20px;color:inherit}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:24px}
.item{height:230px;border-radius:12px;background:linear-gradient(140deg,#d9c6a7,#a97f55)}
</style>`}${style}${vars}
</head>
<body><main><nav><a href="/shop?${text(q.toString())}">Boots</a><a href="/shop/second?${text(q.toString())}" id="next">Care</a></nav>
<h1>Boots for a long way</h1><p>Resoled by hand, twice if you like.</p>
<div class="grid"><div class="item"></div><div class="item"></div><div class="item"></div><div class="item"></div><div class="item"></div><div class="item"></div></div>
<p><button id="other">Add to basket</button></p></main>
${tag}${q.has('twice') ? tag : ''}
</body></html>`,
  };
}
