! Derivatives of the shallow-water model by complex steps: the model's own source, compiled for complex numbers.
!
! The imaginary parts carry a perturbation, scaled to some 1e-100: what is of second order vanishes, nothing is
! subtracted, and the derivative is exact to rounding (Squire and Trapp 1998, SIAM Review 40, 110-112). It costs three to
! five runs of the model.
! Unlike the hand-written tangent-linear it takes any number of steps and perturbations of the depth; it tests that one.
! u*abs(u) has the derivative 2*abs(u), at u = 0 too.
module shallow_water_complex_step
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use sw_status
  use shallow_water_types
  use shallow_water_complex, only: run_complex => sw_run
  implicit none
  private
  public :: sw_complex_step

  real(dp), parameter :: small = 2.0_dp**(-332)

contains

  ! Replaces a perturbation of a state, and of the depth, by that of the state some steps later, to first order.
  ! On failure the perturbation is untouched.
  subroutine sw_complex_step(parameters, depth, zeta, u, v, steps, zeta_tl, u_tl, v_tl, report, status, forcing, first_step, &
                             depth_tl)
    type(sw_parameters), intent(in) :: parameters                        ! see module shallow_water_types
    real(dp), intent(in), dimension(:,:) :: depth, zeta, u, v  ! depth and state, m and m/s
    integer, intent(in)     :: steps                                     ! >= 0
    real(dp), intent(inout) :: zeta_tl(:,:)                              ! perturbation of the elevation, m
    real(dp), intent(inout) :: u_tl(:,:)                                 ! ... of u, m/s; on closed faces it becomes 0
    real(dp), intent(inout) :: v_tl(:,:)                                 ! ... of v, m/s
    type(sw_report), intent(out) :: report                               ! of the complex run
    integer, intent(out)    :: status                                    ! see module sw_status
    type(sw_forcing), intent(in), optional :: forcing                    ! wind and open boundary, if any
    integer, intent(in), optional :: first_step                          ! number of the state, for the forcing's time
    real(dp), intent(in), optional :: depth_tl(:,:)  ! perturbation of the depth, m
    complex(dp), allocatable, dimension(:,:) :: dc, zc, uc, vc
    real(dp) :: largest, scale
    integer :: code

    status = shape_status(parameters, reshape([shape(depth), shape(zeta), shape(u), shape(v), &
                                               shape(zeta_tl), shape(u_tl), shape(v_tl)], [2, 7]))
    if (status == sw_ok .and. present(depth_tl)) status = shape_status(parameters, reshape(shape(depth_tl), [2, 1]))
    if (status /= sw_ok) return
    if (status /= sw_ok) return
    if (.not. (all(finite(zeta_tl)) .and. all(finite(u_tl)) .and. all(finite(v_tl)))) status = sw_perturbation_not_finite
    if (present(depth_tl)) then
      if (.not. all(finite(depth_tl))) status = sw_perturbation_not_finite
    end if
    if (status /= sw_ok) return
    allocate (dc(parameters%nx,parameters%ny), zc(parameters%nx,parameters%ny), uc(parameters%nx,parameters%ny), &
              vc(parameters%nx,parameters%ny), stat=code)
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if
    ! A power of two brings the largest entry near `small`, so that perturbations of any size are exact.
    largest = max(maxval(abs(zeta_tl)), maxval(abs(u_tl)), maxval(abs(v_tl)))
    if (present(depth_tl)) largest = max(largest, maxval(abs(depth_tl)))
    scale = set_exponent(1.0_dp, min(max(exponent(largest), minexponent(small) + 1), maxexponent(small) - 1))
    dc = depth
    if (present(depth_tl)) dc = cmplx(depth, depth_tl/scale*small, dp)
    zc = cmplx(zeta, zeta_tl/scale*small, dp)
    uc = cmplx(u, u_tl/scale*small, dp)
    vc = cmplx(v, v_tl/scale*small, dp)
    call run_complex(parameters, dc, zc, uc, vc, steps, report, status, forcing, first_step)
    if (status /= sw_ok) return
    where (depth > sw_wet_threshold) zeta_tl = aimag(zc)/small*scale
    u_tl = aimag(uc)/small*scale
    v_tl = aimag(vc)/small*scale
  end subroutine sw_complex_step

end module shallow_water_complex_step
