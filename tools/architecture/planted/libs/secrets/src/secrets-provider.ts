export const secrets = 1;
