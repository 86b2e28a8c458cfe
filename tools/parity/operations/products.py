"""Products of vectors, matrices and arrays of more dimensions."""
import string
import torch

COUNT = 40


def _batches(r):
    """Dimensions that broadcast."""
    shape = r.shape(high=2, sizes=(1, 2, 3))
    return [[n if r.random() < .7 else 1 for n in shape[r.randint(0, len(shape)):]] for _ in range(2)]


def matmul(r):
    m, k, n = (r.choice([1, 2, 3, 5, 8, 17]) if r.random() < .95 else 0 for _ in range(3))
    left, right = _batches(r)
    a = r.real(*left, m, k) if r.random() < .8 else r.real(k)
    b = r.real(*right, k, n) if r.random() < .8 else r.real(k)
    return [a, b], {}, lambda a, b: a.matmul(b)


def integerMatmul(r):
    m, k, n = (r.randint(1, 4) for _ in range(3))
    return [r.integer(2, m, k, low=-5), r.integer(k, n, low=-5)], {}, lambda a, b: a.matmul(b)


def mm(r):
    return [r.real(3, 5), r.real(5, 4)], {}, torch.mm


def bmm(r):
    b = r.randint(0, 4)
    return [r.real(b, 3, 5), r.real(b, 5, 4)], {}, torch.bmm


def dot(r):
    n = r.randint(0, 9)
    return [r.real(n), r.real(n)], {}, torch.dot


def outer(r):
    return [r.real(r.randint(0, 4)), r.real(r.randint(0, 4))], {}, torch.outer


FORMS = """ii->i ii-> ij->ji ij-> i,i-> i,j->ij ij,jk ij,jk->ik ij,jk->ki bij,bjk->bik bij,bkj->bki bhid,bhjd->bhij
 ...ij,...jk->...ik ...ij,jk->...ik i...->... ij...,jk...->ik... ...i->... ...ii->...i ij,ij->ij ij,ij-> ij,kl->ijkl
 ij,j->i ij,jk,kl->il b,bi,ij->bj abc,cd,db->a iij,jk->ik ij,k->i a,ab,abc->abc ...,... ijk,jil->kl ba,ab ba...->""".split()


def einsum(r):
    equation = r.choice(FORMS)
    left = equation.split("->")[0].split(",")
    sizes = {c: r.choice([1, 2, 3, 4]) for c in string.ascii_letters}
    dots = r.shape(high=2, sizes=(1, 2, 3))
    shapes = []
    for term in left:
        own = [n if r.random() < .8 else 1 for n in dots]
        shape, i = [], 0
        while i < len(term):
            if term[i] == ".":
                shape += own
                i += 3
            else:
                shape.append(sizes[term[i]])
                i += 1
        shapes.append(shape)
    return [r.real(*s) for s in shapes], {"equation": equation}, lambda *x: torch.einsum(equation, *x)


def tensordot(r):
    shared = r.shape(high=2)
    a, b = shared + r.shape(high=2), shared + r.shape(high=2)
    pa, pb = r.sample(range(len(a)), len(a)), r.sample(range(len(b)), len(b))
    axes = [pa.index(i) for i in range(len(shared))], [pb.index(i) for i in range(len(shared))]
    inputs = [r.real(*[a[i] for i in pa]), r.real(*[b[i] for i in pb])]
    return inputs, {"a": axes[0], "b": axes[1]}, lambda x, y: torch.tensordot(x, y, axes)
