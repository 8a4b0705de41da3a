/** Figures as the language of the page writes them; the host says which it is. Knows no words. */
export function amountText(value: number, digits = 0): string {
  const language = document.documentElement.lang || 'en';
  return value.toLocaleString(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
