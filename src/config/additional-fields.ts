import { type AdditionalField, readFieldValue } from '../base/additional-field.ts';
import { type Form, isPlainObject, oneOf, onOff } from './forms.ts';

const typeForm = oneOf('string', 'number', 'boolean', 'date', 'string[]', 'number[]');
const options = ['type', 'required', 'input', 'default'];

/** A type alone, or an object with the options that Better Auth knows. */
export const additionalField: Form<AdditionalField> = {
  words: `${typeForm.words}, or an object with type, required, input and default`,
  read(given) {
    const named = isPlainObject(given) ? given : { type: given };
    const unknown = Object.keys(named).find((name) => !options.includes(name));
    if (unknown !== undefined) return { problem: `has the unknown option ${unknown}` };
    const type = typeForm.read(named.type);
    const required = onOff.read(named.required ?? false);
    const input = onOff.read(named.input ?? true);
    if (!('value' in type) || !('value' in required) || !('value' in input)) {
      return { problem: `is not ${additionalField.words}` };
    }
    const byDefault = readFieldValue(type.value, named.default ?? null);
    if (byDefault === undefined) return { problem: `has a default that is no ${type.value}` };
    if (required.value && !input.value) return { problem: 'is required from people who may not set it' };
    return { value: { type: type.value, required: required.value, input: input.value, default: byDefault } };
  },
};
