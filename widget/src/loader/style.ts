/** The launcher's and the panel's style. Lives in a shadow root: the page's CSS does not reach it. */
export const style = `
:host{all:initial!important}
*{box-sizing:border-box}
.l,.p{position:fixed;z-index:var(--careloop-z,2147483000);font:600 16px/1 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.l{bottom:calc(var(--careloop-offset-y,20px) + env(safe-area-inset-bottom,0px));display:flex;align-items:center;gap:10px;min-width:60px;height:60px;padding:0 16px;border:1px solid #ffffff38;border-radius:30px;cursor:pointer;background:var(--careloop-accent,var(--a));color:var(--o,#fff);box-shadow:0 1px 2px #0003,0 8px 24px #0003;transition:transform .15s,box-shadow .15s}
.l:hover{transform:translateY(-2px);box-shadow:0 2px 4px #0003,0 12px 28px #0004}
.l:focus-visible,.f button:focus-visible{outline:3px solid var(--careloop-accent,var(--a));outline-offset:3px;box-shadow:0 0 0 3px #fff}
.l svg{width:26px;height:26px;flex:none;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
.x,.on .c{display:none}.on .x{display:block}
.v{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.b{position:absolute;top:-5px;inset-inline-end:-3px;min-width:24px;height:24px;padding:0 7px;border-radius:12px;background:#c0262d;color:#fff;font-size:13px;line-height:24px;text-align:center;box-shadow:0 0 0 2px #fff}
.b:empty{display:none}
.p{bottom:calc(var(--careloop-offset-y,20px) + 76px + env(safe-area-inset-bottom,0px));width:min(408px,calc(100vw - 32px));height:min(700px,calc(100vh - 116px));overflow:hidden;border-radius:var(--careloop-radius,20px);background:var(--g);box-shadow:0 0 0 1px #0000001a,0 4px 12px #0000001f,0 20px 56px #00000038;transition:opacity .18s,transform .18s,visibility .18s;transform-origin:bottom}
.p:not(.on){visibility:hidden;opacity:0;transform:translateY(12px) scale(.98)}
.right{right:var(--careloop-offset-x,20px)}
.left{left:var(--careloop-offset-x,20px)}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
.p.full{inset:0;top:var(--t,0);width:100%;height:var(--h,100dvh);border-radius:0;box-shadow:none;transform:none}
.l.full.on.ready{display:none}
.f{position:absolute;inset:0;display:grid;place-content:center;justify-items:center;gap:16px;padding:32px;text-align:center;font-weight:400;line-height:1.5;background:var(--g);color:var(--k)}
.f[hidden]{display:none}
.f button{font:inherit;font-weight:600;min-height:44px;padding:0 20px;border:1px solid currentColor;border-radius:22px;background:none;color:inherit;cursor:pointer}
@media(prefers-reduced-motion:reduce){.l,.p{transition:none}}
@media print{.l,.p{display:none}}
`;
