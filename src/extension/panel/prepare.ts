/**
 * From a question as it was typed, and what of the editor goes along, to what the sampler process is asked:
 * an infill at the cursor for models that fill, messages for models that converse. Reads the editor and
 * counts tokens; asks for no answer and changes no conversation.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ChatKind, ChatMessage } from '../../protocol/chatMessages';
import { LacunaError } from '../../protocol/errors';
import type { ChipKind } from '../../protocol/panelMessages';
import { documentSource } from '../documentSource';
import { later } from '../l10n';
import { readEditSettings, readInlineSettings, readPanelExamples, readSampling } from '../settings';
import { withoutControls } from './contextText';
import {
  messagesUpTo,
  withTurn,
  type ContextItem,
  type Conversation,
  type Turn,
} from './conversation';
import { readExamples, withExamples } from './examples';
import { modelView } from './modelView';
import type { PanelSource } from './panelSource';
import { chatRequestOf, infillRequest, type Request } from './question';
import { patientMs, readSurrounding, type Surrounding } from './surroundingItems';

export const doing = later('Cannot ask');

/** A question that is ready to be asked, or to be looked at. */
export interface Prepared {
  readonly request: Request;
  readonly context: readonly ContextItem[];
  readonly place: string;
  readonly languageId: string;
}

export interface Asked {
  readonly text: string;
  readonly chips: readonly ChipKind[];
  /** What was said before it. */
  readonly conversation: Conversation;
  /** Of its turn, in that conversation or to be in it. */
  readonly id: string;
}

/** @throws LacunaError where there is no model, no place for the code, or nothing may be read. */
export async function prepare(asked: Asked, source: PanelSource): Promise<Prepared> {
  const { model } = source;
  if (!model) {
    const advice = vscode.l10n.t('Choose a model folder or restart the sampler process');
    throw refusal(modelView(model, source.whyNone).note, advice);
  }
  const surrounding = await readSurrounding(asked.chips.includes('symbol') ? patientMs : undefined);
  const question = withoutControls(asked.text);
  return model.chat === undefined
    ? prepareCode(question, asked.chips, surrounding, source)
    : prepareMessages({ ...asked, text: question }, model.chat, surrounding, source);
}

/** The question of a turn that was asked before this window was opened. */
export async function prepareAgain(
  turn: Turn,
  conversation: Conversation,
  source: PanelSource,
): Promise<Request> {
  const { model } = source;
  if (turn.answer.kind === 'prose' && model?.chat !== undefined) {
    return conversing(messagesUpTo(conversation, turn.id), model.chat);
  }
  const { id, question: text, context } = turn;
  const asked = { text, chips: context.map(({ kind }) => kind), conversation, id };
  return (await prepare(asked, source)).request;
}

async function prepareMessages(
  { text: question, chips, conversation, id }: Asked,
  kind: ChatKind,
  surrounding: Surrounding | undefined,
  source: PanelSource,
): Promise<Prepared> {
  const items = (surrounding?.items ?? []).filter(({ kind }) => chips.includes(kind));
  const { counts } = await source.count(items.map((item) => item.text));
  const context = items.map((item, index) => ({ ...item, tokens: counts[index] ?? 0 }));
  const nothing = { text: '', hasHoles: false, reason: '', languageId: '' };
  const answer = { ...nothing, kind: 'prose' as const, state: 'denoising' as const };
  const turn = { id, question, context, place: '', answer, changedMs: 0 };
  const messages = messagesUpTo(withTurn(conversation, turn), id);
  return { request: conversing(messages, kind), context, place: '', languageId: '' };
}

async function prepareCode(
  question: string,
  chips: readonly ChipKind[],
  surrounding: Surrounding | undefined,
  source: PanelSource,
): Promise<Prepared> {
  const { t } = vscode.l10n;
  if (!surrounding) {
    const advice = t('Open a file and put the cursor where the code should go');
    throw refusal(t('there is no editor with a place for the code'), advice);
  }
  const { document, items, missing, selection, symbol, cursor, place } = surrounding;
  if (items.length === 0)
    throw refusal(missing.file ?? '', t('See the setting "lacuna.disabledFiles"'));
  const taken = items.filter(({ kind }) => chips.includes(kind));
  const has = (kind: ChipKind) => taken.some((item) => item.kind === kind);
  const isReplaced = selection !== undefined && has('selection');
  const { languageId } = document;
  const problems = taken.find(({ kind }) => kind === 'problems')?.text ?? '';
  const request = infillRequest(question, problems, {
    source: documentSource(document),
    file: path.basename(document.fileName),
    languageId,
    cursor,
    selection: isReplaced ? selection : undefined,
    around: has('file') ? 'file' : has('symbol') && symbol ? symbol : 'nothing',
    strength: readEditSettings(document).strength,
    sampling: readInlineSettings(document).sampling,
  });
  const { counts } = await source.count(taken.map((item) => item.text));
  // The document holds what went along; a conversation would have to keep it.
  const context = taken.map((item, index) => ({ ...item, text: '', tokens: counts[index] ?? 0 }));
  return { request, context, place, languageId };
}

function conversing(messages: readonly ChatMessage[], kind: ChatKind): Request {
  const examples = readExamples(readPanelExamples());
  const sampling = readSampling(vscode.workspace.getConfiguration('lacuna'));
  return chatRequestOf(withExamples(messages, examples, kind), sampling);
}

function refusal(found: string, advice: string): LacunaError {
  return new LacunaError('badInput', { doing, found: found.replace(/\.$/, ''), advice });
}
