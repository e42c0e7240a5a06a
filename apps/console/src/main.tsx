import { createRoot } from 'react-dom/client';
import { Button, Modal, Dialog, DialogTrigger, TextField, Input, Label, RadioGroup, Radio, DropZone, FileTrigger, Checkbox, FieldError, Disclosure, DisclosurePanel, Link } from 'react-aria-components';
import { QueryClientProvider, QueryClient, useQuery } from '@tanstack/react-query';
console.log(Button, Modal, Dialog, DialogTrigger, TextField, Input, Label, RadioGroup, Radio, DropZone, FileTrigger, Checkbox, FieldError, Disclosure, DisclosurePanel, Link, QueryClientProvider, QueryClient, useQuery);
createRoot(document.getElementById('root')!).render(<Button>x</Button>);
