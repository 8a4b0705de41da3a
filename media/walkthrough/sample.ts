// A sample to play with. It is a copy: nothing you do here touches a file.

// 1. The cursor stands between the quotes of the next line, and Lacuna shows what it would put there.
//    Tab takes it. Alt+\ asks again, here or anywhere else.
import { readFile } from 'node:fs/promises';
import path from '';

export function readText(folder: string, name: string): Promise<string> {
  return readFile(path.join(folder, name), 'utf8');
}

// 2. Select the body of this function and run "Lacuna: Regenerate Selection" (Shift+Alt+\).
export function clamp(value: number, low: number, high: number): number {
  if (value < low) return low;
  if (value > high) return high;
  return value;
}

// 3. Run "Lacuna: Fill All Gaps": both marks are filled together, each seeing the other.
export class Rectangle {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}

  area(): number {
    return <fill>;
  }

  perimeter(): number {
    return <fill>;
  }
}
