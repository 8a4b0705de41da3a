/**
 * Calls `callback` once nothing has called the returned function for `delayMs`.
 */
export function debounce(callback, delayMs) {
  let timer;
  return (...args) => {
    <fill>
    timer = setTimeout(() => {
      callback(...args);
    }, delayMs);
  };
}
