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
    real(dp), allocatable :: tl(:,:,:)  ! of zeta, u, v and depth where the model feels them, else 0
    real(dp) :: largest, scale
    integer :: code

    status = shape_status(parameters, reshape([shape(depth), shape(zeta), shape(u), shape(v), &
                                               shape(zeta_tl), shape(u_tl), shape(v_tl)], [2, 7]))
    if (status == sw_ok .and. present(depth_tl)) status = shape_status(parameters, reshape(shape(depth_tl), [2, 1]))
    if (status /= sw_ok) return
    allocate (dc(parameters%nx,parameters%ny), zc(parameters%nx,parameters%ny), uc(parameters%nx,parameters%ny), &
              vc(parameters%nx,parameters%ny), tl(parameters%nx,parameters%ny,4), stat=code)
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if
    call confine(parameters, depth, zeta_tl, u_tl, v_tl, depth_tl, tl)
    call find_not_finite(tl, report%i, report%j)
    if (report%i > 0) then
      status = sw_perturbation_not_finite
      return
    end if

    ! A power of two brings the largest entry near `small`, so that perturbations of any size are exact.
    largest = maxval(abs(tl))
    scale = set_exponent(1.0_dp, min(max(exponent(largest), minexponent(small) + 1), maxexponent(small) - 1))
    tl = tl/scale*small
    dc = cmplx(depth, tl(:,:,4), dp)
    zc = cmplx(zeta, tl(:,:,1), dp)
    uc = cmplx(u, tl(:,:,2), dp)
    vc = cmplx(v, tl(:,:,3), dp)
    call run_complex(parameters, dc, zc, uc, vc, steps, report, status, forcing, first_step)
    if (status /= sw_ok) return

    tl(:,:,1) = aimag(zc)
    tl(:,:,2) = aimag(uc)
    tl(:,:,3) = aimag(vc)
    tl = tl/small*scale
    where (.not. depth > sw_wet_threshold) tl(:,:,1) = 0
    call find_not_finite(tl(:,:,1:3), report%i, report%j)
    if (report%i > 0) then
      status = sw_not_finite
      report%completed_steps = 0
      return
    end if
    where (depth > sw_wet_threshold) zeta_tl = tl(:,:,1)
    u_tl = tl(:,:,2)
    v_tl = tl(:,:,3)
  end subroutine sw_complex_step

  ! The perturbations of wet cells and of faces between them: what dry cells and closed faces hold is not felt.
  pure subroutine confine(p, depth, zeta_tl, u_tl, v_tl, depth_tl, tl)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(:,:) :: depth, zeta_tl, u_tl, v_tl
    real(dp), intent(in), optional :: depth_tl(:,:)
    real(dp), intent(out) :: tl(:,:,:)
    logical, allocatable, dimension(:,:) :: wet, east, north  ! on the heap

    allocate (wet(p%nx,p%ny), east(p%nx,p%ny), north(p%nx,p%ny))
    wet = depth > sw_wet_threshold
    east = cshift(wet, 1, 1)
    north = cshift(wet, 1, 2)
    if (.not. p%periodic_x) east(p%nx,:) = .false.
    if (.not. p%periodic_y) north(:,p%ny) = .false.
    tl = 0
    where (wet) tl(:,:,1) = zeta_tl
    where (wet .and. east) tl(:,:,2) = u_tl
    where (wet .and. north) tl(:,:,3) = v_tl
    if (.not. present(depth_tl)) return
    where (wet) tl(:,:,4) = depth_tl
  end subroutine confine

  ! First cell with an entry that is NaN or infinite; (0, 0) if there is none.
  pure subroutine find_not_finite(fields, i_bad, j_bad)
    real(dp), intent(in) :: fields(:,:,:)
    integer, intent(out) :: i_bad, j_bad
    integer :: place(2)

    place = findloc(all(finite(fields), dim=3), .false.)
    i_bad = place(1)
    j_bad = place(2)
  end subroutine find_not_finite

end module shallow_water_complex_step
