// Keys and tokens of the examples in RFC 7515 (appendix A) and RFC 8037 (appendix A), and others
// made once with Python's `cryptography`: test keys, known to everybody.
#pragma once

namespace helio::test {

// RFC 7515 A.1.1
inline constexpr char kSecretJwk[] =
    R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
inline constexpr char kHs256[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

// RFC 7515 A.2.1
inline constexpr char kRsaJwk[] =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
inline constexpr char kRs256[] =
    "eyJhbGciOiJSUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

// RFC 7515 A.3.1
inline constexpr char kEcJwk[] =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
inline constexpr char kEs256[] =
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// RFC 8037 A.2 and A.4; what is signed is no JSON there.
inline constexpr char kEdJwk[] =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
inline constexpr char kEdSigned[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
inline constexpr char kEdSignature[] =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

inline constexpr char kP384Jwk[] =
    R"({"kty":"EC","crv":"P-384","kid":"p384","x":"v9FSRlRY5bnxqQPq_vAwlev9UsX56pe-dN6RlDVfz7QOwJcxWt9q_e-6IfRLYltI","y":"FwWO_5oa0XWkZ16ccwywKOx2rsVE96VtWBZNjPwEArSJxOdMkY3Dp39cIZ0xuOJF"})";
inline constexpr char kEs384[] =
    "eyJhbGciOiJFUzM4NCIsImtpZCI6InAzODQifQ.eyJzdWIiOiJkMSJ9"
    ".z60EpAK06BkX4d5XDC4_1ish_U9WJliv09NaMggTMPjFSmx4Hw1Uu-LScP6IMzz4mzncXBbFUUBduijwfy4Dmnrrd3gu"
    "If73shdWYP5QhloZj-WCaduDxqZs6_rfXLik";

inline constexpr char kRsaPem[] = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxdKJaOxoEGKy8CUDmFv5
0sqJ1M3qzaN3pur7JDTXy5Z0Oni0tdgFJsRPsYCv2IrcnGUOmFMO7VpxjDbcoM+m
a94uZofSkxsaGxlD1NV/RVwRSBdbJtmTsW+SQUOVY0NyVmmtpjqZ1K6mETnOCFHZ
jCth3LEbGEDimtrZ3+o5HtgD5+KsLrifuLJKQ+3jPynV4AV2DSriVzyIz+6Fl0Hw
xpib9E4H3s1uMpaJNvodnAJDmZqNLqwe77TC7xvYyhbhEN5hmeffPVnNszCUMRlL
OYn+1U99oyYZozytEzPrN3cgRoM24mt9QqWLacJrP2CMx9exYEecxUjI0bYuhFvX
5wIDAQAB
-----END PUBLIC KEY-----
)";
inline constexpr char kRs384[] =
    "eyJhbGciOiJSUzM4NCJ9.eyJzdWIiOiJkMSJ9"
    ".mxMkMMr4vLrzL9tbWH_Erl0KoZEKg0FA4RrRwesZofPI4fsTF_y_66je9IZ4x6oSnQU7HY_3XAstnv7P7mKWCriaUAIR"
    "n6rJF9M4sOXL4XOEpRU962hamr-aOby18bx9CBfG5u4MOqX4oC3qBpsSrbHvc6q0rKKtay0VJNdHYQYJ134xAjGK34cc"
    "Kg82y_cAXSPEJ940rsOZQRmf0GX6-yzJjwP-FgMp2uaMebZ9Z69vx8fH3i-d1xC4sk-SUYeOf696p3ra5YPT-pdjrtkP"
    "wXQIVZRdCJfa07jvs1lGG7Q2NvdGyoHsFxu8f8HTDaZ6zkh4sOdKBn5wxRdrwyVqPg";
inline constexpr char kWeakRsaPem[] = R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDWitdTkxg3vBBKoLa/EtCqO7zk
uWQvk6bvBkJKyk20KuuH7Ge7vF4Qxrr13yR9RQxKKuLpchV/tnqExj6Q4NRguXpe
O7UQsrjKj68A9mSLZLc2tnxAdgtZB2FZTUIX+dvMCamZUQhRwwlAQVDwY0f1AQEg
IMVNV0hkOb+86lGHpwIDAQAB
-----END PUBLIC KEY-----
)";
inline constexpr char kOtherCurvePem[] = R"(-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAENApZy+0NesuAxs48nCSgY9K1Y70eQ9K2
7Zxteo5Vy8Yizyg57vq2fl8C8Zgf2ejWvsiOeqIKG2mO9zNd0LogYg==
-----END PUBLIC KEY-----
)";

}  // namespace helio::test
