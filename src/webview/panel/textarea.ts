/**
 * A field for a question: Enter asks, Shift+Enter starts a line, Escape leaves; Enter that ends the
 * composing of a character does neither. Knows no conversation.
 */
import { element } from '../shared/dom';

export interface TextareaOptions {
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string;
  readonly key: string;
  readonly onInput: (value: string) => void;
  readonly onEnter: () => void;
  readonly onEscape?: () => void;
}

export interface Textarea extends HTMLElement {
  value: string;
  label: string;
}

export function drawTextarea(options: TextareaOptions): Textarea {
  const { label, placeholder, value, key, onInput, onEnter, onEscape } = options;
  const field = element('vscode-textarea', {
    ...{ placeholder, 'data-key': key, rows: 3, resize: 'vertical' },
  }) as Textarea;
  field.value = value;
  field.label = label; // it heeds no attribute of that name
  field.addEventListener('input', () => onInput(field.value));
  field.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      onEnter();
    } else if (event.key === 'Escape' && onEscape) {
      event.preventDefault();
      onEscape();
    }
  });
  return field;
}
