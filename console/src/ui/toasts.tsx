/** The messages at the edge of the page, and the region that a screen reader follows. */
import { t } from '../i18n';
import { dismiss, spoken, toasts } from '../state/toasts';
import { Button, IconButton } from './button';
import { Icon } from './icon';

export function Toasts() {
  return (
    <>
      <div class="toasts" role="region" aria-label={t('messages')}>
        {toasts.value.map((x) => (
          <div key={x.id} class={`toast ${x.tone}`} role={x.tone === 'bad' ? 'alert' : undefined}>
            <Icon name={x.tone === 'bad' ? 'warning' : 'check'} />
            <p>{x.text}</p>
            {x.action && (
              <Button
                small
                look="ghost"
                onClick={() => {
                  x.action?.run();
                  dismiss(x.id);
                }}
              >
                {x.action.label}
              </Button>
            )}
            <IconButton icon="close" label={t('close')} onClick={() => dismiss(x.id)} />
          </div>
        ))}
      </div>
      <div class="unseen" aria-live="polite" data-testid="spoken">
        {spoken.value}
      </div>
    </>
  );
}
