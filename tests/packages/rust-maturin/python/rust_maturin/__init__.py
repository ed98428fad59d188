from rust_maturin._core import *
