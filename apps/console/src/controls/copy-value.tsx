import { useRef, useState } from 'react';
import { texts } from '../texts/texts.js';
import { Press } from './buttons.js';

/** A value to take over exactly, with a button. */
export function CopyValue({ label, value }: { label: string; value: string }) {
  return (
    <div className="copy-value">
      <span className="copy-label">{label}</span>
      <div className="copy-row">
        <code>{value}</code>
        <CopyButton label={label} value={value} />
      </div>
    </div>
  );
}

type Outcome = 'none' | 'copied' | 'by-hand';

export function CopyButton({
  label,
  value,
  text = texts.copy,
}: {
  label: string;
  value: string;
  text?: string;
}) {
  const [outcome, setOutcome] = useState<Outcome>('none');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const copy = async (): Promise<void> => {
    setOutcome((await copied(value)) ? 'copied' : 'by-hand');
    clearTimeout(timer.current);
    timer.current = setTimeout(setOutcome, 4_000, 'none');
  };
  return (
    <span className="copying">
      <Press
        look="quiet"
        aria-label={`${outcome === 'copied' ? texts.copied : text}: ${label}`}
        onPress={() => void copy()}
      >
        {outcome === 'copied' ? texts.copied : text}
      </Press>
      <span role="status" className={outcome === 'by-hand' ? 'description' : 'unseen'}>
        {outcome === 'none' ? '' : outcome === 'copied' ? texts.copied : texts.copyByHand}
      </span>
    </span>
  );
}

/** In a frame the clipboard may be closed to us; then the older way, which a press of a button allows. */
async function copied(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = value;
    area.className = 'unseen';
    const focused = document.activeElement as HTMLElement | null;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    focused?.focus();
    return done;
  }
}
