"""What is offered: one right or a bundle, in which form, at what terms; from draft to publication to its end."""
