"""Certificates as network owners bring them: CAs of their own, devices, signing requests.  For tests only."""
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def subject(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(**given):
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


class Certificate:
    """A certificate with its key; `sign` makes another below it."""

    def __init__(self, common_name, issuer=None, is_authority=False, begin=-DAY, end=365 * DAY, key=None,
                 usage=None, purpose=ExtendedKeyUsageOID.CLIENT_AUTH, names=()):
        now = datetime.datetime.utcnow()
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = subject(common_name)
        usage = usage or (key_usage(key_cert_sign=True, crl_sign=True) if is_authority else
                          key_usage(digital_signature=True))
        builder = (x509.CertificateBuilder().subject_name(self.name)
                   .issuer_name(issuer.name if issuer else self.name).public_key(self.key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now + begin)
                   .not_valid_after(now + end)
                   .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
                   .add_extension(usage, critical=True))
        if not is_authority:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        self.certificate = builder.sign((issuer or self).key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()).decode()

    @property
    def id(self):
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def sign(self, common_name, **options):
        return Certificate(common_name, issuer=self, **options)


def authority(common_name="Their CA"):
    return Certificate(common_name, is_authority=True)


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def request(common_name, key=None):
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(common_name))
    made = builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()
