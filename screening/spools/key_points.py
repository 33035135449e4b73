"""Whether 32 bytes are an Ed25519 key that one person alone can sign with (RFC 8032, 5.1)."""

from typing import Final

_PRIME: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _PRIME) % _PRIME
_DOUBLINGS: Final = 3
"""By the cofactor of the curve, which is 8."""


def is_of_large_order(public: bytes) -> bool:
    """Tell whether 32 bytes are a point, in its one spelling, whose order does not divide 8.

    For a point of such an order anybody makes signatures that verify, and what is no point signs
    nothing. The curve is -x^2 + y^2 = 1 + d x^2 y^2; x is needed as its square alone.
    """
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    if y >= _PRIME or pow(_x_squared(y), (_PRIME - 1) // 2, _PRIME) not in (0, 1):
        return False
    for _ in range(_DOUBLINGS):
        both = _x_squared(y) * y * y
        y = (_x_squared(y) + y * y) * pow(1 - _D * both, -1, _PRIME) % _PRIME
    return y != 1


def _x_squared(y: int) -> int:
    return (y * y - 1) * pow(_D * y * y + 1, -1, _PRIME) % _PRIME
