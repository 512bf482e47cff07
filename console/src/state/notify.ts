/** Sound, title and the browser's own notifications; each can be turned off. */
import { effect, signal } from '@preact/signals';
import { t } from '../i18n';
import { preferences } from './session';
import { announce } from './toasts';

/** What came while the page was not looked at. */
export const unseen = signal(0);

let audio: AudioContext | undefined;

/** Two soft tones, the second higher. */
export function chime(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    const start = audio.currentTime;
    for (const [i, pitch] of [587, 784].entries()) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.type = 'sine';
      tone.frequency.value = pitch;
      const at = start + i * 0.13;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    }
  } catch {
    // No sound device: the title still counts.
  }
}

export interface Note {
  kind: string;
  conversation_id: string;
  title: string;
  text: string;
}

/** Tells the agent of something; `open` is called when they follow it. */
export function tell(n: Note, open: (conversation: string) => void): void {
  announce(`${n.title}: ${n.text}`);
  if (preferences.value.sound) chime();
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  unseen.value++;
  if (!preferences.value.notifications || !('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification(n.title, { body: n.text.slice(0, 140), tag: n.conversation_id, icon: '/console/assets/icon.svg' });
  shown.onclick = () => {
    focus();
    open(n.conversation_id);
    shown.close();
  };
}

/** Asks the browser; true where it may notify. */
export async function askToNotify(): Promise<boolean> {
  return 'Notification' in window && (await Notification.requestPermission()) === 'granted';
}

export function countInTitle(title: () => string): void {
  effect(() => {
    const n = unseen.value;
    document.title = `${n ? `(${n}) ` : ''}${title()} · ${t('product')}`;
  });
  const seen = () => {
    if (document.visibilityState === 'visible') unseen.value = 0;
  };
  addEventListener('focus', seen);
  document.addEventListener('visibilitychange', seen);
}
