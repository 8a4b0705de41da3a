/**
 * What the five buckets look like: a colour of the theme and an underline of its own kind, so that they
 * can be told apart without the colour. Makes decorations; knows no token and no document.
 */
import * as vscode from 'vscode';
import { buckets, type Bucket } from './buckets';

interface Look {
  readonly color: string;
  /** CSS; in the colour of the text, which every theme makes readable. */
  readonly underline: string;
}

const looks: Readonly<Record<Bucket, Look>> = {
  0: { color: 'lacuna.unlikelyBackground', underline: 'underline wavy 1px' },
  1: { color: 'lacuna.doubtfulBackground', underline: 'underline double 1px' },
  2: { color: 'lacuna.possibleBackground', underline: 'underline dashed 1px' },
  3: { color: 'lacuna.likelyBackground', underline: 'underline dotted 1px' },
  4: { color: 'lacuna.sureBackground', underline: 'none' },
};

/** One decoration type for each bucket, least likely first. */
export function bucketDecorations(): vscode.TextEditorDecorationType[] {
  return buckets.map((bucket) => {
    const { color, underline } = looks[bucket];
    const isUnsure = bucket <= 1;
    return vscode.window.createTextEditorDecorationType({
      backgroundColor: new vscode.ThemeColor(color),
      textDecoration: underline,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      ...(isUnsure && { overviewRulerColor: new vscode.ThemeColor(color) }),
    });
  });
}
