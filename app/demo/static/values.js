// What is in the inputs of a form, as Slack's view.state.values has it
// (docs.slack.dev/reference/interaction-payloads/view-interactions-payload).

const option = (input) => JSON.parse(input.dataset.option);

const READ = {
  plain_text_input: (field) => ({ value: field.value || null }),
  datepicker: (field) => ({ selected_date: field.value || null }),
  timepicker: (field) => ({ selected_time: field.value || null }),
  users_select: (field) => ({ selected_user: field.value || null }),
  static_select: (field) => ({ selected_option: field.value ? option(field.selectedOptions[0]) : null }),
  radio_buttons(field) {
    const chosen = field.querySelector("input:checked");
    return { selected_option: chosen ? option(chosen) : null };
  },
  checkboxes: (field) => ({ selected_options: [...field.querySelectorAll("input:checked")].map(option) }),
};

export const valueOf = (field) => ({ type: field.dataset.type, ...READ[field.dataset.type](field) });

export function valuesOf(form) {
  const values = {};
  for (const field of form.querySelectorAll("[data-action]")) {
    (values[field.dataset.blockId] ??= {})[field.dataset.action] = valueOf(field);
  }
  return values;
}
