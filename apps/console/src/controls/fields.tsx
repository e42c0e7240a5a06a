import type { ReactNode, Ref } from 'react';
import {
  Checkbox,
  CheckboxGroup,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  Text,
  TextField,
} from 'react-aria-components';
import { Outward } from './buttons.js';
import { texts } from '../texts/texts.js';

/** What is wrong with a field and what to do about it. */
export interface Fault {
  sentence: string;
  remedy?: string | undefined;
  link?: string | null | undefined;
}

interface EntryProps {
  label: string;
  description?: string;
  fault?: Fault | undefined;
  value: string;
  onChange: (value: string) => void;
  isDisabled?: boolean;
  type?: 'text' | 'password' | 'email' | 'datetime-local';
  inputRef?: Ref<HTMLInputElement>;
  autoFocus?: boolean;
  wide?: boolean;
}

export function Entry({
  label,
  description,
  fault,
  value,
  onChange,
  isDisabled = false,
  type = 'text',
  inputRef,
  autoFocus = false,
}: EntryProps) {
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={fault !== undefined}
      isDisabled={isDisabled}
      type={type}
      validationBehavior="aria"
      autoComplete="off"
    >
      <Label>{label}</Label>
      <Input
        {...(inputRef ? { ref: inputRef } : {})}
        className="input"
        spellCheck="false"
        autoFocus={autoFocus}
        {...(type === 'datetime-local' ? { step: 1 } : {})}
      />
      {description && !fault ? (
        <Text slot="description" className="description">
          {description}
        </Text>
      ) : null}
      <FieldError className="fault">{fault ? <FaultText fault={fault} /> : null}</FieldError>
    </TextField>
  );
}

export function FaultText({ fault: { sentence, remedy, link } }: { fault: Fault }) {
  return (
    <>
      <strong>{sentence}</strong>
      {remedy ? <> {remedy}</> : null}
      {link ? (
        <>
          {' '}
          <Outward href={link}>{texts.openGoogle}</Outward>
        </>
      ) : null}
    </>
  );
}

interface Choice<Value extends string> {
  value: Value;
  label: string;
  hint?: string;
}

interface ChoicesProps<Value extends string> {
  label: string;
  choices: Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  isDisabled?: boolean;
}

export function Choices<Value extends string>({
  label,
  choices,
  value,
  onChange,
  isDisabled = false,
}: ChoicesProps<Value>) {
  return (
    <RadioGroup
      className="choices"
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
      isDisabled={isDisabled}
    >
      <Label>{label}</Label>
      {choices.map((choice) => (
        <Radio key={choice.value} value={choice.value} className="choice">
          <span className="mark round" aria-hidden="true" />
          <span>
            <span className="choice-label">{choice.label}</span>
            {choice.hint ? <span className="choice-hint">{choice.hint}</span> : null}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface ChecklistProps<Value extends string> {
  label: ReactNode;
  choices: Choice<Value>[];
  value: Value[];
  onChange: (value: Value[]) => void;
  isDisabled?: boolean;
}

export function Checklist<Value extends string>({
  label,
  choices,
  value,
  onChange,
  isDisabled = false,
}: ChecklistProps<Value>) {
  return (
    <CheckboxGroup
      className="choices"
      value={value}
      onChange={(chosen) => onChange(chosen as Value[])}
      isDisabled={isDisabled}
    >
      <Label>{label}</Label>
      {choices.map((choice) => (
        <Checkbox key={choice.value} value={choice.value} className="choice">
          <span className="mark square" aria-hidden="true">
            <svg viewBox="0 0 16 16">
              <path d="m3.5 8.5 3 3 6-6.5" />
            </svg>
          </span>
          <span>
            <span className="choice-label">{choice.label}</span>
            {choice.hint ? <span className="choice-hint">{choice.hint}</span> : null}
          </span>
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}
