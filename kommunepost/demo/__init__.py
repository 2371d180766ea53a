"""Two invented organisations to try the product with, and the mail that comes to them."""

from kommunepost.demo.nn import NN
from kommunepost.demo.norsjo import NORSJO

MUNICIPALITIES = {"nn": NN, "norsjo": NORSJO}
